"""A policy in plain words: for whom, to whom, how, how often, by when, what then."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from handoff.models import Cadence, HandoffPolicy, Means, Strategy
from handoff.models.policy import Weekday
from leadqual.scoring.validation import Problem


def policy_in_words(policy: HandoffPolicy) -> list[str]:
    """One sentence per thing agreed on; what is not decided is left to `undecided_in_words`."""
    said = [_whom(policy)]
    if policy.means and isinstance(policy.means, list):
        said.append(_("The rep is told %s.") % _means(policy))
    if policy.cadence:
        said.append(_("Leads are handed over %s.") % _cadence(policy))
    if hours := policy.accept_within_hours:
        said.append(
            ngettext("The rep answers within %(count)d business hour.",
                     "The rep answers within %(count)d business hours.", hours) % {"count": hours}
        )  # fmt: skip
    if policy.fallback_team is not None:
        said.append(_("Where nobody can or does, %s has it.") % policy.fallback_team)
    days = policy.feedback_after_days
    said.append(
        ngettext("Feedback is asked for after %(count)d business day.",
                 "Feedback is asked for after %(count)d business days.", days) % {"count": days}
    )  # fmt: skip
    return said


def undecided_in_words(problems: list[Problem]) -> list[str]:
    """What keeps it from going live: the names of the fields, and what is wrong where one is filled in."""
    return [
        name if problem.code == "empty" else f"{name}: {problem.message}"
        for problem in problems
        if (name := _field_name(problem.place))
    ]


def _whom(policy: HandoffPolicy) -> str:
    values = {"segment": str(policy.segment or ""), "team": str(policy.team or "")}
    if policy.team is None:
        return (_("For leads of “%(segment)s”.") if policy.segment else _("For all leads.")) % values
    values["how"] = _strategy(policy.strategy)
    if policy.segment:
        return _("Leads of “%(segment)s” go to %(team)s%(how)s.") % values
    return _("All leads that no policy above takes go to %(team)s%(how)s.") % values


def _strategy(strategy: str) -> str:
    words = {
        Strategy.WEIGHTED.value: _(", shared out by weight and free capacity"),
        Strategy.ROUND_ROBIN.value: _(", in turn"),
        Strategy.TERRITORY_FIRST.value: _(", first to the rep in whose territory they lie"),
        Strategy.SAME_COMPANY_FIRST.value: _(", first to the rep who works with the company already"),
    }
    return words.get(strategy, "")


def _means(policy: HandoffPolicy) -> str:
    words = {
        Means.IN_APP.value: _("in the inbox"),
        Means.MAIL.value: _("by a mail per lead"),
        Means.DIGEST.value: _("by one mail with all leads"),
        Means.CSV.value: _("by a mail with a CSV file"),
    }
    told = [words[means] for means in policy.means if means in words]
    return pgettext("between means", ", ").join(told)


def _cadence(policy: HandoffPolicy) -> str:
    at = f"{policy.cadence_time:%H:%M}" if policy.cadence_time else ""
    if policy.cadence == Cadence.DAILY:
        return _("every business day at %s") % at
    if policy.cadence == Cadence.WEEKLY:
        day = policy.cadence_weekday
        named = Weekday(day).label if day in Weekday.values else ""
        return _("every %(day)s at %(time)s") % {"day": named, "time": at}
    return _("at once")


def _field_name(place: str) -> str:
    name = place.split("[")[0]
    return str(getattr(HandoffPolicy._meta.get_field(name), "verbose_name", place))

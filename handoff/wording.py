"""Why a rep has a handoff, in sentences; the handoff itself keeps only codes and numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from handoff.choosing import Because
from handoff.models import Handoff, Origin, SalesRep
from leadqual.leads.models import ActivityType


@dataclass(frozen=True, slots=True)
class Names:
    """What the reps and types of acts in handoffs are called; at most two queries for any number of handoffs."""

    reps: Mapping[int, str] = field(default_factory=dict)
    acts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, handoffs: Iterable[Handoff]) -> "Names":
        rows = list(handoffs)
        reps = {rep for row in rows for rep, _free in row.candidates}
        users = SalesRep.objects.filter(pk__in=reps).select_related("user")
        return cls({rep.pk: str(rep) for rep in users}, acts_in(rows))


def acts_in(handoffs: Iterable[Handoff]) -> dict[str, str]:
    """The acts that sent these leads to sales, key to label; no query where there are none."""
    keys = {row.reasons["act"] for row in handoffs if "act" in row.reasons}
    return dict(ActivityType.objects.filter(key__in=keys).values_list("key", "label"))


def reasons_in_words(handoff: Handoff, names: Names | None = None) -> list[str]:
    """Why it came to sales at all, why this rep has it, who was passed over; a list of handoffs shares its `names`."""
    names = names or Names.of([handoff])
    reasons: dict[str, Any] = handoff.reasons
    said = _origin(handoff, names)
    if why := reasons.get("why"):
        said.append(_("“%s”") % why)
    if because := _because(reasons):
        said.append(because)
    elif handoff.rep_id is None:
        said.append(_("No rep has been found yet"))
    if passed := _passed(reasons):
        said.append(_("Passed over: %s") % passed)
    if reasons.get("fallback"):
        said.append(_fallback(reasons.get("team", {})))
    if tried := len(reasons.get("tried", [])):
        said.append(
            ngettext("%(count)d rep had it before and did not accept it in time",
                     "%(count)d reps had it before and did not accept it in time", tried) % {"count": tried}
        )  # fmt: skip
    return said


def candidates_in_words(handoff: Handoff, names: Names | None = None) -> list[str]:
    """Who came into question, best first, with the places that were free then."""
    names = names or Names.of([handoff])
    return [
        ngettext("%(rep)s, %(count)d free place", "%(rep)s, %(count)d free places", free)
        % {"rep": names.reps.get(rep, _("a former rep")), "count": free}
        for rep, free in handoff.candidates
    ]


def _origin(handoff: Handoff, names: Names) -> list[str]:
    if handoff.origin == Origin.MANUAL:
        return [_("Handed over by hand")]
    if act := handoff.reasons.get("act"):
        return [_("Goes to sales at once because of an act: %s") % names.acts.get(act, act)]
    return []


def _because(reasons: Mapping[str, Any]) -> str:
    words = {
        Because.ONLY_ONE.value: _("The only rep in question"),
        Because.WEIGHT.value: _("First by weight and free capacity of %(count)d reps in question"),
        Because.TURN.value: _("Next in turn of %(count)d reps in question"),
        Because.TERRITORY.value: _("The lead lies in this rep's territory"),
        Because.COMPANY.value: _("This rep already works with the lead's company"),
        Because.BY_HAND.value: _("Whoever handed the lead over named this rep"),
    }
    return words.get(reasons.get("because", ""), "") % {"count": reasons.get("considered", 0)}


def _passed(reasons: Mapping[str, Any]) -> str:
    words = {
        "away": _("%(count)d absent"),
        "full": _("%(count)d without a free place"),
        "outside": _("%(count)d with another territory"),
    }
    counted = [text % {"count": reasons[why]} for why, text in words.items() if reasons.get(why)]
    return pgettext("between details", ", ").join(counted)


def _fallback(team: Mapping[str, Any]) -> str:
    if why := _passed(team):
        return _("Nobody in the policy's own team could take it (%s), so the fallback team has it") % why
    return _("Nobody in the policy's own team could take it, so the fallback team has it")

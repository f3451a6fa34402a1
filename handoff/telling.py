"""How a rep hears of an offer: the notices and mails of one batch, written in its transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from handoff.models import Handoff, HandoffPolicy, Means
from handoff.offers import Offer
from handoff.wording import acts_in
from leadqual.common import clock
from leadqual.leads.models import Lead
from leadqual.messaging import notices, outbox
from leadqual.scoring.card_wording import card_in_words

OFFERED = "handoff.offered"
MOVED_ON = "handoff.moved_on"
ALARM = "handoff.alarm"
COOLED = "handoff.cooled"
ACTED = "handoff.acted"
# How many of the score's lines a mail shows.
LINES = 3


def tell(offers: Sequence[Offer], *, now: datetime) -> None:
    """In the application and by one mail per lead, as each policy says; digests and files are collected later."""
    news, mails = [], []
    closings: dict[tuple[int | None, datetime | None], str] = {}
    acts = acts_in(offer.handoff for offer in offers)
    with override(settings.LANGUAGE_CODE):
        for offer in offers:
            means = means_for(offer)
            if Means.IN_APP in means:
                news.append(notice(OFFERED, offer.handoff, offer.member.user_id))
            if Means.MAIL in means:
                key = (offer.handoff.policy_id, offer.handoff.accept_by)
                if key not in closings:
                    closings[key] = closing(offer.policy, [offer.handoff])
                mails.append(_mail(offer, closings[key], acts))
    notices.notify(news, now=now)
    if mails:
        outbox.queue(mails, now=now)


def means_for(offer: Offer) -> set[str]:
    """The policy's means; a rep without an address, and an offer without a policy, are told in the application."""
    if offer.policy is None or not offer.member.address:
        return {Means.IN_APP.value}
    return set(offer.policy.means)


def notice(kind: str, handoff: Handoff, user_id: int, detail: str = "") -> notices.News:
    """`detail` tells apart what may happen to a handoff more than once."""
    key = f"{kind}:{handoff.public_id}" + (f":{detail}" if detail else "")
    return notices.News(user_id, key, kind, {"handoff": str(handoff.public_id)})


def _mail(offer: Offer, ending: str, acts: Mapping[str, str]) -> outbox.Mail:
    handoff = offer.handoff
    return outbox.Mail(
        key=f"handoff-{handoff.public_id}",
        user_id=offer.member.user_id,
        address=offer.member.address,
        subject=subject(1),
        text=_("A lead has been handed to you."),
        parts=[outbox.Part(offer.lead.pk, about(handoff, offer.lead, acts))],
        closing=ending,
    )


def subject(count: int) -> str:
    """Without a name: a subject cannot forget a person who is erased."""
    return ngettext("%(count)d lead for you", "%(count)d leads for you", count) % {"count": count}


def about(handoff: Handoff, lead: Lead, acts: Mapping[str, str]) -> str:
    """Who it is, how to reach them, why they are hot. `acts`: what types of acts are called."""
    company = lead.company.name if lead.company else ""
    lines = [" / ".join(part for part in (str(lead), company, lead.department, lead.title) if part)]
    lines += [part for part in (lead.phone, lead.email) if part]
    hot = handoff.qualification
    if hot is not None:
        day = _short_date(hot.opened_day, get_language())
        lines.append(_("Score %(score)d, hot since %(day)s") % {"score": hot.score, "day": day})
        lines += [f"- {line}" for line in card_in_words(hot.card, most=LINES)]
    elif act := handoff.reasons.get("act"):
        lines.append(_("Act: %s") % acts.get(act, act))
    return "\n".join(lines)


@lru_cache(maxsize=1024)
def _short_date(day: int, language: str | None) -> str:
    """Formatting a date takes as long as everything else about a lead, and a batch has few different ones."""
    return date_format(clock.date_of(day), "SHORT_DATE_FORMAT")


def closing(policy: HandoffPolicy | None, handoffs: Iterable[Handoff]) -> str:
    deadlines = [handoff.accept_by for handoff in handoffs if handoff.accept_by]
    lines = []
    if deadlines:
        moment = date_format(timezone.localtime(min(deadlines), clock.zone()), "SHORT_DATETIME_FORMAT")
        lines.append(_("Please accept by %s.") % moment)
    if policy is not None and policy.follow_up:
        lines.append(policy.follow_up)
    return "\n\n".join(lines)

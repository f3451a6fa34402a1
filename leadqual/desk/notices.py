"""A notice in the reader's words, with the page it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from handoff.chasing import ASK
from handoff.telling import ACTED, ALARM, COOLED, MOVED_ON, OFFERED
from leadqual.messaging.models import Notice


@dataclass(frozen=True)
class Told:
    words: str
    url: str
    at: datetime
    read: bool


def told(notices: Iterable[Notice]) -> list[Told]:
    return [Told(_words(each), _address(each), each.created_at, each.read_at is not None) for each in notices]


def _words(notice: Notice) -> str:
    said = {
        OFFERED: _("A lead is offered to you"),
        MOVED_ON: _("Your time to answer ran out; the lead went on"),
        ALARM: _("Nobody took a lead of your team"),
        COOLED: _("A lead offered to you has cooled down"),
        ACTED: _("One of your leads asks to be called now"),
        ASK: _("Your answer about a lead is missing"),
    }
    return said.get(notice.kind, _("News about a lead"))


def _address(notice: Notice) -> str:
    if handoff := notice.data.get("handoff"):
        try:
            return reverse("inbox:handoff", args=[handoff])
        except NoReverseMatch:
            return ""
    return ""

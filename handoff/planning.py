"""What a rep does next about a lead, and when."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from handoff.answering import held
from handoff.models import OPEN, Handoff
from leadqual.common.errors import LeadqualError


def plan_next(handoff: Handoff, text: str, on: date | None, *, now: datetime, by: Any = None) -> Handoff:
    """Replaces what was planned; both empty: nothing is planned any more."""
    text = " ".join(text.split())[:200]
    if bool(text) != bool(on):
        place = "next_action" if on else "next_action_on"
        raise LeadqualError("empty", _("say what and when, or leave both empty"), place)
    with held(handoff, by) as row:
        if not Handoff.objects.filter(pk=row.pk, state__in=OPEN).update(next_action=text, next_action_on=on):
            raise LeadqualError("wrong_state", _("this handoff is %s") % row.get_state_display(), "handoff")
        row.next_action, row.next_action_on = text, on
    return row

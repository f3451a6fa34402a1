"""What leads registers with the person registry: its own rows about a person."""

from datetime import datetime
from typing import Any

from leadqual.leads.models import Activity, Lead
from leadqual.leads.persons import PersonRows, Rows, following, register, staying
from leadqual.leads.recording import erase_activities, move_activities
from leadqual.leads.signals import leads_changed
from leadqual.leads.traces import erase_events, erase_rows

LEAD_FIELDS = (
    "public_id", "external_id", "company__name", "family_name", "given_name", "family_kana", "given_kana", "email",
    "phone", "department", "title", "seniority", "source", "interests", "status", "outcome", "outcome_day", "custom",
    "created_at",
)  # fmt: skip
ACT = ("signature__type__key", "signature__path", "signature__attributes", "attributes", "occurred_at")
LETTER = ("letter", "value", "note", "said_by", "day", "until_day", "at")


def move_acts(source: int, target: int, now: datetime) -> list[int]:
    moving = list(Activity.objects.filter(lead=source).order_by("pk").values_list("pk", flat=True))
    move_activities(moving, target, now=now)
    return moving


def move_acts_back(moved: list[int], source: int, target: int, now: datetime) -> None:
    """Exactly those that came from there, as far as they still are."""
    move_activities(
        list(Activity.objects.filter(pk__in=moved, lead=target).values_list("pk", flat=True)), source, now=now
    )


def erase_acts(lead: int, now: datetime) -> int:
    return erase_activities(lead, now=now)


def export_acts(lead: int) -> Rows:
    acts = Activity.objects.filter(lead=lead).order_by("occurred_at", "pk")
    return [dict(row) for row in acts.values(*ACT)]


def move_answers(source: int, target: int, now: datetime) -> Any:
    moved = ANSWERS.move(source, target, now)
    _tell_about_answers(source, target, now)
    return moved


def move_answers_back(moved: Any, source: int, target: int, now: datetime) -> None:
    ANSWERS.move_back(moved, source, target, now)
    _tell_about_answers(source, target, now)


def _tell_about_answers(source: int, target: int, now: datetime) -> None:
    fields = {f"bant.{letter}" for letter in ("budget", "authority", "need", "timing")}
    leads_changed.send(Lead, leads={source, target}, fields=fields, now=now)


def erase_lead(lead: int, now: datetime) -> int:
    found = Lead.objects.filter(pk=lead)
    count = found.count()
    found.delete()
    return count


def export_lead(lead: int) -> Rows:
    return list(Lead.objects.filter(pk=lead).values(*LEAD_FIELDS))


ANSWERS = following("leads.BantAnswer", export=LETTER)


def register_all() -> None:
    """The lead first, for it is erased last; what is on its way in last, for it is found by what the lead is."""
    register(
        PersonRows("leads.Lead", erase_lead, export=export_lead),
        staying("leads.FieldChange", export=("field", "old", "new", "at")),
        staying("leads.StatusChange", export=("before", "after", "at", "why")),
        PersonRows("leads.BantAnswer", ANSWERS.erase, move_answers, move_answers_back, ANSWERS.export),
        following("leads.ConsentEvent", export=("given", "basis", "note", "at")),
        following("leads.VisitorTie", export=("visitor", "since")),
        PersonRows("leads.Activity", erase_acts, move_acts, move_acts_back, export_acts),
        PersonRows("leads.ImportRow", erase_rows),
        PersonRows("leads.Inbox", erase_events),
    )

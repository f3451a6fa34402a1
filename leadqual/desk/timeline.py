"""Everything that happened to one lead, newest first: one statement over all the logs, whatever their number."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from handoff.models import Bought, Feedback, Handoff, State, Timing
from journeys.models import StageMove
from leadqual.leads.models import (
    Activity,
    BantAnswer,
    BantLetter,
    BantValue,
    ConsentBasis,
    ConsentEvent,
    FieldChange,
    Lead,
    Outcome,
    Status,
    StatusChange,
)
from leadqual.scoring.models import EndedReason, Qualification
from segments.models import MembershipChange

PAGE = 40
ACTS, CHANGES = "acts", "changes"
Row = dict[str, Any]


@dataclass(frozen=True)
class Happening:
    """One entry: `kind` for its mark, one sentence, a remark below it."""

    kind: str
    at: datetime
    words: str
    remark: str = ""


@dataclass(frozen=True)
class Source:
    """A log: how its rows become (moment, a, b, c) and how these become words."""

    kind: str
    rows: Callable[[Lead], QuerySet[Any]]
    at: str
    columns: tuple[Any, Any, Any]
    words: Callable[[Row], tuple[str, str]]


def timeline(lead: Lead, *, show: str = "", before: str = "") -> tuple[list[Happening], str]:
    """A page of what happened and the cursor of the next, empty at the end; `before` is such a cursor."""
    cursor = _read(before)
    sources = [each for each in SOURCES if not show or (show == ACTS) == (each.kind == "act")]
    parts = [_part(each, lead, cursor) for each in sources]
    rows = parts[0].union(*parts[1:], all=True).order_by("-moment", "-source", "-row")[: PAGE + 1]
    found = list(rows)
    said = [_happening(row) for row in found[:PAGE]]
    return said, _write(found[PAGE - 1]) if len(found) > PAGE else ""


def _part(source: Source, lead: Lead, cursor: tuple[datetime, str, int] | None) -> QuerySet[Any]:
    rows = source.rows(lead)
    if cursor is not None:
        at, kind, row = cursor
        later = Q(**{f"{source.at}__lt": at})
        if source.kind < kind:
            later |= Q(**{source.at: at})
        elif source.kind == kind:
            later |= Q(**{source.at: at, "pk__lt": row})
        rows = rows.filter(later)
    a, b, c = (_text(column) for column in source.columns)
    return (
        rows.order_by()
        .annotate(source=Value(source.kind, CharField()), moment=F(source.at), row=F("pk"), a=a, b=b, c=c)
        .values("source", "moment", "row", "a", "b", "c")
    )


def _text(column: Any) -> Any:
    return Coalesce(
        Cast(F(column) if isinstance(column, str) else column, TextField()), Value("", TextField())
    )


def _happening(row: Row) -> Happening:
    words, remark = BY_KIND[row["source"]].words(row)
    return Happening(row["source"], row["moment"], words, remark)


def _write(row: Row) -> str:
    return f"{row['moment'].isoformat()}|{row['source']}|{row['row']}"


def _read(cursor: str) -> tuple[datetime, str, int] | None:
    """None for none and for one that nobody of ours wrote."""
    parts = cursor.split("|")
    try:
        at = datetime.fromisoformat(parts[0].replace(" ", "+"))
        return (at if timezone.is_aware(at) else timezone.make_aware(at)), parts[1], int(parts[2])
    except (ValueError, IndexError):
        return None


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


def _act(row: Row) -> tuple[str, str]:
    return row["a"], row["b"]


def _status(row: Row) -> tuple[str, str]:
    return (
        _("Status: from %(before)s to %(after)s")
        % {"before": _label(Status, row["a"]), "after": _label(Status, row["b"])},
        "",
    )


def _field(row: Row) -> tuple[str, str]:
    old, new = (_plain(row[side]) for side in ("b", "c"))
    if row["a"] == "outcome":
        old, new = _label(Outcome, old), _label(Outcome, new)
    return _("%(field)s changed") % {"field": _field_name(row["a"])}, f"{old or '–'} → {new or '–'}"


def _field_name(key: str) -> str:
    try:
        return str(getattr(Lead._meta.get_field(key), "verbose_name", key))
    except FieldDoesNotExist:
        return key.removeprefix("custom.")


def _plain(stored: str) -> str:
    try:
        value = json.loads(stored) if stored else ""
    except ValueError:
        return stored
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _hot(row: Row) -> tuple[str, str]:
    return _("Became hot with %(score)s points") % {"score": row["a"]}, row["b"]


def _ended(row: Row) -> tuple[str, str]:
    return _("No longer hot: %(reason)s") % {"reason": _label(EndedReason, row["a"])}, ""


def _segment(row: Row) -> tuple[str, str]:
    joined = row["b"].lower() in ("1", "true", "t")
    return (_("Joined segment %s") if joined else _("Left segment %s")) % row["a"], ""


def _stage(row: Row) -> tuple[str, str]:
    if not row["c"]:
        return _("Left the journey map at %s") % row["b"], row["a"]
    if not row["b"]:
        return _("Came to stage %s") % row["c"], row["a"]
    return _("Moved from stage %(before)s to %(after)s") % {"before": row["b"], "after": row["c"]}, row["a"]


def _handoff(row: Row) -> tuple[str, str]:
    name = f"{row['b']} {row['c']}".strip()
    if not name:
        return _("Waits for a sales rep"), _label(State, row["a"])
    return _("Handed over to %s") % name, _label(State, row["a"])


def _bant(row: Row) -> tuple[str, str]:
    return f"BANT: {_label(BantLetter, row['a'])}: {_label(BantValue, row['b'])}", row["c"]


def _consent(row: Row) -> tuple[str, str]:
    given = row["a"].lower() in ("1", "true", "t")
    words = _("Agreed to marketing mail") if given else _("Wants no marketing mail")
    return words, ", ".join(part for part in (_label(ConsentBasis, row["b"]), row["c"]) if part)


def _feedback(row: Row) -> tuple[str, str]:
    said = _("Feedback: did they buy: %s") % _label(Bought, row["a"])
    timing = _("timing %s") % _label(Timing, row["b"]) if row["b"] else ""
    return said, ", ".join(part for part in (timing, row["c"]) if part)


EMPTY = Value("", TextField())
# Ids and codes that the handoffs and the steps of the status say in words.
TOLD_BY_OTHERS = ("owner", "status", "with_sales", "outcome_day")
SOURCES = [
    Source(
        "act", lambda lead: Activity.objects.filter(lead=lead, machine=False), "occurred_at",
        ("signature__type__label", "signature__path", "signature__type__intent"), _act,
    ),
    Source(
        "status", lambda lead: StatusChange.objects.filter(lead=lead), "at", ("before", "after", "why"), _status
    ),
    Source(
        "field", lambda lead: FieldChange.objects.filter(lead=lead).exclude(field__in=TOLD_BY_OTHERS), "at",
        ("field", "old", "new"), _field,
    ),
    Source(
        "hot", lambda lead: Qualification.objects.filter(lead=lead), "opened_at",
        ("score", "model__name", EMPTY), _hot,
    ),
    Source(
        "ended", lambda lead: Qualification.objects.filter(lead=lead, ended_at__isnull=False), "ended_at",
        ("ended_reason", EMPTY, EMPTY), _ended,
    ),
    Source(
        "segment", lambda lead: MembershipChange.objects.filter(lead=lead), "at",
        ("segment__name", "joined", EMPTY), _segment,
    ),
    Source(
        "stage", lambda lead: StageMove.objects.filter(lead=lead), "at",
        ("map__name", "from_stage__name", "to_stage__name"), _stage,
    ),
    Source(
        "handoff", lambda lead: Handoff.objects.filter(lead=lead), "made_at",
        ("state", "rep__user__last_name", "rep__user__first_name"), _handoff,
    ),
    Source("bant", lambda lead: BantAnswer.objects.filter(lead=lead), "at", ("letter", "value", "note"), _bant),
    Source("consent", lambda lead: ConsentEvent.objects.filter(lead=lead), "at", ("given", "basis", "note"), _consent),
    Source(
        "feedback", lambda lead: Feedback.objects.filter(handoff__lead=lead), "at",
        ("bought", "timing", "reason"), _feedback,
    ),
]  # fmt: skip
BY_KIND = {source.kind: source for source in SOURCES}

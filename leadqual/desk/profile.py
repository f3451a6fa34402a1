"""What the lead page says beside the timeline: score card, segments and stages, BANT, handoffs. A query each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast

from handoff.models import UNFINISHED, Handoff
from journeys.models import StagePlacement
from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.leads.models import BantAnswer, BantLetter, BantValue, ConsentBasis, ConsentEvent, Lead
from leadqual.scoring.explaining import explain
from leadqual.scoring.showing import ScoreCard, card
from segments.models import Membership, SegmentState


@dataclass(frozen=True)
class Place:
    """A segment the lead is in, or (with a stage) where it stands on a journey map."""

    name: str
    target: int
    since: date
    stage: str = ""


@dataclass(frozen=True)
class BantLine:
    """What holds today of one of the four; an empty value says that nobody asked yet."""

    letter: str
    value: str = ""
    note: str = ""
    since: date | None = None


@dataclass(frozen=True)
class ConsentLine:
    """The newest yes or no to marketing mail."""

    given: bool
    basis: str
    note: str
    since: date


@dataclass(frozen=True)
class Standing:
    segments: list[Place]
    stages: list[Place]
    bant: list[BantLine]
    consent: ConsentLine | None


def score_card(lead: Lead, *, day: int | None = None) -> tuple[ScoreCard | None, str]:
    """The card, or why there is none."""
    try:
        return card(explain(lead, day=day)), ""
    except LeadqualError as error:
        return None, str(error.message)


def standing(lead: Lead, *, day: int) -> Standing:
    """Segments, stages, what holds of BANT and of consent, in one statement: a page has few to spend."""
    segments = _rows(
        "segment",
        Membership.objects.filter(lead=lead, segment__state=SegmentState.LIVE),
        name="segment__name", target="segment_id", since="since_day",
    )  # fmt: skip
    stages = _rows(
        "stage", StagePlacement.objects.filter(lead=lead),
        name="map__name", target="map_id", since="since_day", extra="stage__name",
    )  # fmt: skip
    answers = _rows(
        "bant", BantAnswer.objects.filter(lead=lead, day__lte=day).exclude(until_day__lt=day),
        name="letter", target="pk", since="day", extra="value", note="note",
    )  # fmt: skip
    consents = _rows(
        "consent", ConsentEvent.objects.filter(lead=lead),
        name="given", target="pk", since="day", extra="basis", note="note",
    )  # fmt: skip
    rows = segments.union(stages, answers, consents, all=True)
    found = list(rows.order_by("row_name", "row_since", "row_target"))
    newest = {row["row_name"]: row for row in found if row["row_kind"] == "bant"}
    places = [
        (
            row["row_kind"],
            Place(row["row_name"], row["row_target"], clock.date_of(row["row_since"]), row["row_extra"]),
        )
        for row in found
    ]
    return Standing(
        [place for kind, place in places if kind == "segment"],
        [place for kind, place in places if kind == "stage"],
        [_bant_line(letter, newest.get(letter.value)) for letter in BantLetter],
        _consent_line([row for row in found if row["row_kind"] == "consent"]),
    )


def _rows(
    kind: str, rows: QuerySet[Any], *, name: str, target: str, since: str, **texts: str
) -> QuerySet[Any, Any]:
    """The same columns of every log; a union wants names that no field of any of them has."""

    def text(column: str | None) -> Any:
        return Cast(F(column), TextField()) if column else Value("", TextField())

    return (
        rows.order_by()
        .annotate(
            row_kind=Value(kind, TextField()), row_name=text(name), row_target=F(target), row_since=F(since),
            row_extra=text(texts.get("extra")), row_note=text(texts.get("note")),
        )
        .values("row_kind", "row_name", "row_target", "row_since", "row_extra", "row_note")
    )  # fmt: skip


def _bant_line(letter: Any, row: dict[str, Any] | None) -> BantLine:
    if row is None:
        return BantLine(str(letter.label))
    value = str(BantValue(row["row_extra"]).label)
    return BantLine(str(letter.label), value, row["row_note"], clock.date_of(row["row_since"]))


def _consent_line(rows: list[dict[str, Any]]) -> ConsentLine | None:
    if not rows:
        return None
    row = max(rows, key=lambda each: each["row_target"])
    given = str(row["row_name"]).lower() in ("1", "true", "t")
    basis = str(ConsentBasis(row["row_extra"]).label)
    return ConsentLine(given, basis, row["row_note"], clock.date_of(row["row_since"]))


def handoffs(lead: Lead) -> list[Handoff]:
    """The latest five, the unfinished one first."""
    rows = Handoff.objects.filter(lead=lead).select_related("rep__user", "policy").order_by("-made_at")[:5]
    return sorted(rows, key=lambda row: row.state not in UNFINISHED)

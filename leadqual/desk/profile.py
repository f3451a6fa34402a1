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
from leadqual.leads.models import BantAnswer, BantLetter, BantValue, Lead
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
class Standing:
    segments: list[Place]
    stages: list[Place]
    bant: list[BantLine]


def score_card(lead: Lead, *, day: int | None = None) -> tuple[ScoreCard | None, str]:
    """The card, or why there is none."""
    try:
        return card(explain(lead, day=day)), ""
    except LeadqualError as error:
        return None, str(error.message)


def standing(lead: Lead, *, day: int) -> Standing:
    """Segments, stages and what holds of BANT on the day, in one statement: a page has few to spend."""
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
    found = list(segments.union(stages, answers, all=True).order_by("name", "since", "target"))
    newest = {row["name"]: row for row in found if row["kind"] == "bant"}
    places = [
        (row["kind"], Place(row["name"], row["target"], clock.date_of(row["since"]), row["extra"]))
        for row in found
    ]
    return Standing(
        [place for kind, place in places if kind == "segment"],
        [place for kind, place in places if kind == "stage"],
        [_bant_line(letter, newest.get(letter.value)) for letter in BantLetter],
    )


def _rows(kind: str, rows: QuerySet[Any], **columns: str) -> QuerySet[Any, Any]:
    text = {"name": "", "extra": "", "note": ""} | columns
    named = {
        f"{name}_": Cast(F(column), TextField()) if column else Value("", TextField())
        for name, column in text.items()
        if name in ("name", "extra", "note")
    }
    numbers = {f"{name}_": F(columns[name]) for name in ("target", "since")}
    chosen = {name.rstrip("_"): F(name) for name in (*named, *numbers)}
    return (
        rows.order_by()
        .annotate(kind_=Value(kind, TextField()), **named, **numbers)
        .values(kind=F("kind_"), **chosen)
    )


def _bant_line(letter: Any, row: dict[str, Any] | None) -> BantLine:
    if row is None:
        return BantLine(str(letter.label))
    value = str(BantValue(row["extra"]).label)
    return BantLine(str(letter.label), value, row["note"], clock.date_of(row["since"]))


def handoffs(lead: Lead) -> list[Handoff]:
    """The latest five, the unfinished one first."""
    rows = Handoff.objects.filter(lead=lead).select_related("rep__user", "policy").order_by("-made_at")[:5]
    return sorted(rows, key=lambda row: row.state not in UNFINISHED)

"""Everything the list of leads offers to choose from, in one statement: a page has few queries to spend."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim

from journeys.models import Stage
from leadqual.leads.querysets import sees_everybody
from leadqual.scoring.models import ModelState, ScoringModel
from leadqual.scoring.showing import band_of
from segments.models import Segment, SegmentState

Choices = list[tuple[int, str]]


@dataclass(frozen=True)
class LiveModel:
    pk: int
    hot_at: int
    cool_at: int

    def band(self, total: int) -> str:
        return band_of(total, hot_at=self.hot_at, cool_at=self.cool_at)


@dataclass(frozen=True)
class Lookups:
    """`stages` are those of live maps, named with their map; `owners` is empty for a rep, who owns every row."""

    model: LiveModel | None = None
    segments: Choices = field(default_factory=list)
    owners: Choices = field(default_factory=list)
    stages: Choices = field(default_factory=list)
    # name of the map -> its id
    maps: dict[str, int] = field(default_factory=dict)


def look_up(user: Any) -> Lookups:
    parts = [
        _rows("model", ScoringModel.objects.filter(state=ModelState.LIVE), "name", "hot_at", "cool_at"),
        _rows("segment", Segment.objects.filter(state=SegmentState.LIVE), "name"),
        _rows("stage", Stage.objects.filter(map__state="live"), "name", "map_id", "order", more="map__name"),
    ]
    if sees_everybody(user):
        full = Trim(Concat(F("last_name"), Value(" "), F("first_name")))
        reps = get_user_model().objects.filter(sales_rep__isnull=False)
        parts.append(_rows("owner", reps, Coalesce(NullIf(full, Value("")), F("username"))))
    first, *others = parts
    rows = list(first.union(*others, all=True).order_by("kind_", "more_", "high_", "name_"))
    return _sorted(rows)


def _rows(
    kind: str, rows: QuerySet[Any], name: Any, low: str = "", high: str = "", more: str = ""
) -> QuerySet[Any, Any]:
    zero = Value(0, IntegerField())
    return (
        rows.order_by()
        .annotate(
            kind_=Value(kind, TextField()),
            name_=Cast(F(name) if isinstance(name, str) else name, TextField()),
            low_=Cast(F(low), IntegerField()) if low else zero,
            high_=Cast(F(high), IntegerField()) if high else zero,
            more_=Cast(F(more), TextField()) if more else Value("", TextField()),
        )
        .values("pk", "kind_", "name_", "low_", "high_", "more_")
    )


def _sorted(rows: list[dict[str, Any]]) -> Lookups:
    model = None
    found: dict[str, Choices] = {"segment": [], "owner": [], "stage": []}
    maps: dict[str, int] = {}
    for row in rows:
        if row["kind_"] == "model":
            model = LiveModel(row["pk"], row["low_"], row["high_"])
            continue
        name = row["name_"]
        if row["kind_"] == "stage":
            maps[row["more_"]] = row["low_"]
            name = f"{row['more_']}: {name}"
        found[row["kind_"]].append((row["pk"], name))
    return Lookups(model, found["segment"], found["owner"], found["stage"], maps)

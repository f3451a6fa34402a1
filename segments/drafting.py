"""A condition while it is being written: what was typed, the tree it makes, its faults at their places, its number."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.leads.models import ActivityType
from segments.budget import at_most
from segments.builder import Builder, Group, from_post, from_tree
from segments.builder_rows import Row
from segments.conditions import Condition, fields, parse, sentence, to_json
from segments.models import Segment, SegmentState
from segments.shelf import Shelf
from segments.tally import Tally, tally

SECONDS = 2.0
LONGEST_JSON = 64 * 1024
EVERYBODY: dict[str, Any] = {"all": []}


@dataclass
class Drafting:
    """Either rows or JSON text; `tree` is None where the text is no JSON."""

    builder: Builder | None
    text: str
    tree: Any
    problem: str = ""
    condition: Condition | None = None
    known: dict[str, fields.Field] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: Any, *, as_json: bool = False) -> "Drafting":
        builder = None if as_json else from_tree(tree)
        drafting = cls(builder, json.dumps(tree, ensure_ascii=False, indent=2), tree)
        drafting._look_up()
        return drafting

    @classmethod
    def typed(cls, data: Mapping[str, Any], action: str = "") -> "Drafting":
        """What a form posted, after pressing one of its buttons for rows."""
        if data.get("as") == "json":
            return cls._from_text(str(data.get("condition", ""))[:LONGEST_JSON])
        builder = from_post(data)
        builder.do(action)
        drafting = cls(builder, "", None)
        drafting._look_up()
        drafting.tree = builder.tree()
        return drafting

    @classmethod
    def _from_text(cls, text: str) -> "Drafting":
        try:
            return cls(None, text, json.loads(text))
        except json.JSONDecodeError as error:
            place = {"line": error.lineno, "column": error.colno}
            return cls(None, text, None, _("This is no JSON: line %(line)d, character %(column)d.") % place)
        except (ValueError, RecursionError):
            return cls(None, text, None, _("This is no JSON."))

    def _look_up(self) -> None:
        """Fields of the rows, and the names of the form's boxes."""
        self.known = {one.key: one for one in fields.all() if not one.params}
        for row in self.rows():
            row.with_field(self.known)
        if self.builder is not None:
            self.builder.numbered()

    def rows(self) -> list[Row]:
        parts = self.builder.parts if self.builder else []
        return [row for part in parts for row in (part.rows if isinstance(part, Group) else [part])]

    def check(self) -> bool:
        """Parses; a fault is told at the row that made it, or with its path."""
        if self.problem:
            return False
        try:
            self.condition = parse(self.tree)
        except LeadqualError as error:
            self.tell(error)
            return False
        return True

    def tell(self, error: LeadqualError) -> None:
        place, message = error.place.removeprefix("condition").removeprefix("."), str(error.message)
        if self.builder is None or not self.builder.fault(place, message):
            self.problem = f"{place}: {message}" if place else message

    @property
    def sentence(self) -> str:
        return sentence(self.condition) if self.condition else ""

    def stored(self) -> dict[str, Any]:
        assert self.condition is not None
        return to_json(self.condition)

    def count(self, segment: Segment | None, *, day: int) -> Tally | None:
        """None when that takes too long for somebody who waits."""
        assert self.condition is not None
        try:
            with at_most(SECONDS):
                return tally(self.condition, day=day, segment=segment)
        except LeadqualError:
            return None

    def choices(self, shelf: Shelf, segment: Segment | None) -> dict[str, Any]:
        """What the boxes of the rows offer."""
        others = [
            (str(pk), row.name)
            for pk, row in shelf.rows.items()
            if row.state != SegmentState.ARCHIVED and row != segment
        ]
        types = ActivityType.objects.order_by("label").values_list("key", "label")
        return {"fields": _grouped(self.known), "types": list(types), "segments": others}


def _grouped(known: Mapping[str, fields.Field]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Fields under what they are about, as they are registered."""
    headings = {
        "lead": _("Person"),
        "company": _("Company"),
        "bant": _("BANT"),
        "custom": _("Own fields"),
        "derived": _("Scores and sales"),
    }
    found: dict[str, list[tuple[str, str]]] = {key: [] for key in headings}
    for key, one in known.items():
        heading = (
            "derived"
            if one.derived
            else "custom"
            if one.custom
            else key.split(".")[0]
            if "." in key
            else "lead"
        )
        found.setdefault(heading, []).append((key, str(one.label)))
    return [(headings.get(key, key), those) for key, those in found.items() if those]

"""Steps 1 and 2: segments without a map, and what the live maps lack."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from journeys.gaps import GapKind, gaps, segments_without_map
from journeys.models import JourneyMap
from journeys.picture import pictures
from leadqual.common import clock, undecided
from leadqual.common.undecided import Kind, Question


def _unmapped(day: int) -> Iterator[Question]:
    for segment in segments_without_map():
        yield Question(str(segment.pk), segment.name)


def _gaps(day: int) -> Iterator[Question]:
    for drawn in pictures(JourneyMap.objects.live().select_related("segment")):
        each = drawn.map
        counted: dict[str, int] = {}
        for gap in gaps(drawn, on=clock.date_of(day)):
            counted[gap.kind] = counted.get(gap.kind, 0) + 1
        for kind, number in counted.items():
            yield Question(f"{each.pk}:{kind}", each.name, f"{kind}:{number}")


def _says(about: str, detail: str) -> str:
    kind, _colon, number = detail.partition(":")
    sentence = {
        GapKind.NO_TOUCHPOINT: _("%(map)s: %(number)s stages have no touchpoint"),
        GapKind.NO_CONTENT: _("%(map)s: %(number)s stages have no content"),
        GapKind.NO_ANSWER: _("%(map)s: %(number)s questions nobody answers"),
        GapKind.EXPIRED: _("%(map)s: %(number)s contents are past their expiry"),
        GapKind.SEGMENT: _("%(map)s: its segment is not live"),
    }.get(GapKind(kind), "%(map)s")
    return sentence % {"map": about, "number": number}


def register() -> None:
    undecided.register(
        Kind(
            "journeys.unmapped", 2, lambda about, detail: _("Segment %s has no journey map") % about, _unmapped,
            "journeys:list",
        ),
        Kind("journeys.gaps", 2, _says, _gaps, "journeys:map", by_ref=True),
    )  # fmt: skip

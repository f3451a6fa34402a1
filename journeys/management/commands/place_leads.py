import json
from functools import partial
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from journeys.models import JourneyMap
from journeys.placement import Placed, place
from leadqual.common import clock
from leadqual.common.commands import LeadqualCommand
from leadqual.common.errors import LeadqualError
from leadqual.common.progress import ProgressBar


class Command(LeadqualCommand):
    help = _("Works out again in which stage of its journey map each lead stands, and logs who moved.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="MAP", help=_("only these maps"))
        parser.add_argument("--json", action="store_true", help=_("print the result as JSON"))
        self.add_day(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        day = self.day(options, now)
        maps = self.named(options["names"]) if options["names"] else None
        progress = partial(ProgressBar(self.stderr), _("stages")) if self.interactive else None
        placed = place(maps, day=day, now=now, progress=progress)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(placed, day), ensure_ascii=False))
            return
        for each in placed:
            self.stdout.write(line(each))

    def named(self, names: list[str]) -> list[JourneyMap]:
        found = {each.name: each for each in JourneyMap.objects.live().filter(name__in=names)}
        for name in names:
            if name not in found:
                raise LeadqualError("unknown_map", _("there is no live map “%s”") % name)
        return list(found.values())


def line(each: Placed) -> str:
    moves = each.moves
    text = ngettext(
        "%(name)s: %(entered)d lead came onto the map, %(forward)d went on, %(back)d went back, %(left)d left it",
        "%(name)s: %(entered)d leads came onto the map, %(forward)d went on, %(back)d went back, %(left)d left it",
        moves.entered,
    )
    return text % {
        "name": each.name,
        "entered": moves.entered,
        "forward": moves.forward,
        "back": moves.back,
        "left": moves.left,
    }


def as_json(placed: list[Placed], day: int) -> dict[str, Any]:
    return {
        "as_of": clock.date_of(day).isoformat(),
        "maps": [
            {
                "name": each.name,
                "entered": each.moves.entered,
                "forward": each.moves.forward,
                "back": each.moves.back,
                "left": each.moves.left,
            }
            for each in placed
        ],
    }

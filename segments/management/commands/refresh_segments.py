import json
from functools import partial
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadqual.common import clock
from leadqual.common.commands import LeadqualCommand
from leadqual.common.errors import LeadqualError
from leadqual.common.progress import ProgressBar
from segments.membership import Refreshed, refresh
from segments.models import Segment


class Command(LeadqualCommand):
    help = _("Works out again which leads belong to which segment, and logs who joined and who left.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="SEGMENT", help=_("only these segments"))
        parser.add_argument("--json", action="store_true", help=_("print the result as JSON"))
        self.add_day(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        day = self.day(options, now)
        segments = self.named(options["names"]) if options["names"] else None
        progress = partial(ProgressBar(self.stderr), _("segments")) if self.interactive else None
        refreshed = refresh(segments, day=day, now=now, progress=progress)
        names = dict(Segment.objects.values_list("pk", "name"))
        if options["json"]:
            self.stdout.write(json.dumps(as_json(refreshed, names, day), ensure_ascii=False))
            return
        for each in refreshed:
            words = {
                "name": names[each.segment_id],
                "size": each.size,
                "joined": each.joined,
                "left": each.left,
            }
            line = ngettext(
                "%(name)s: %(size)d lead (%(joined)d joined, %(left)d left)",
                "%(name)s: %(size)d leads (%(joined)d joined, %(left)d left)",
                each.size,
            )
            self.stdout.write(line % words)

    def named(self, names: list[str]) -> list[Segment]:
        found = {segment.name: segment for segment in Segment.objects.filter(name__in=names)}
        for name in names:
            if name not in found:
                raise LeadqualError("unknown_segment", _("there is no segment “%s”") % name)
        return list(found.values())


def as_json(refreshed: list[Refreshed], names: dict[int, str], day: int) -> dict[str, Any]:
    return {
        "as_of": clock.date_of(day).isoformat(),
        "segments": [
            {"name": names[each.segment_id], "joined": each.joined, "left": each.left, "size": each.size}
            for each in refreshed
        ],
        "joined": sum(each.joined for each in refreshed),
        "left": sum(each.left for each in refreshed),
    }

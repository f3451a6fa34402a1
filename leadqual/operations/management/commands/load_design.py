import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.commands import LeadqualCommand
from leadqual.operations.design.loading import Loaded, load
from leadqual.operations.design.reading import read_file
from leadqual.operations.design.rows import Change


class Command(LeadqualCommand):
    help = _(
        "Puts a design file into effect: activity types, fields, segments, scoring models, teams, reps, policies."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--check", action="store_true", help="say what would change, and change nothing")
        parser.add_argument(
            "--prune", action="store_true", help="retire what the sections of the file do not name any more"
        )
        parser.add_argument("--json", action="store_true", help="print what became of each object as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        document = read_file(options["file"])
        loaded = load(
            document, now=clock.now(), file=options["file"], prune=options["prune"], check=options["check"]
        )
        if options["json"]:
            self.stdout.write(json.dumps(loaded.sections, ensure_ascii=False))
        else:
            self._tell(loaded, options["check"])

    def _tell(self, loaded: Loaded, check: bool) -> None:
        words = {
            Change.CREATED: _("created"),
            Change.UPDATED: _("updated"),
            Change.UNCHANGED: _("unchanged"),
            Change.REMOVED: _("removed"),
        }
        for section, counts in loaded.counts().items():
            line = ", ".join(f"{words[Change(change)]} {count}" for change, count in counts.items())
            self.stdout.write(f"{section}: {line}")
        if check:
            self.stdout.write(_("checked only, nothing was changed"))

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.commands import LeadqualCommand
from leadqual.common.progress import ProgressBar
from leadqual.scoring.rescoring import rebuild_all, rescore_all, rescore_due


class Command(LeadqualCommand):
    help = _("Scores the leads whose score differs from today on, and those that have none yet.")

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_day(parser)
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--all", action="store_true", help=_("everybody, from the ledger"))
        how.add_argument(
            "--rebuild", action="store_true", help=_("everybody, ledger included, from raw acts")
        )
        parser.add_argument("--json", action="store_true", help=_("print the result as JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        run = rebuild_all if options["rebuild"] else rescore_all if options["all"] else rescore_due
        now = clock.now()
        result = run(day=self.day(options, now), now=now, progress=ProgressBar(self.stderr))
        if options["json"]:
            self.stdout.write(json.dumps(asdict(result)))
            return
        self.stdout.write(
            _("%(rescored)d leads scored, %(changed)d changed; %(became_hot)d became hot, %(cooled)d cooled")
            % asdict(result)
        )

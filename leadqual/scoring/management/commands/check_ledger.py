import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from leadqual.common.commands import LeadqualCommand
from leadqual.common.progress import ProgressBar
from leadqual.scoring.checking import check_ledger


class Command(LeadqualCommand):
    help = _(
        "Compares the ledger and the scores with a rebuild from raw acts and attributes; exit code 1 if they differ."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("print the result as JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        checked = check_ledger(progress=ProgressBar(self.stderr))
        if options["json"]:
            self.stdout.write(json.dumps(checked.as_json()))
        else:
            self.stdout.write(
                _(
                    "%(leads)d leads: %(missing)d hits missing, %(extra)d too many, %(different)d scores different"
                )
                % (checked.as_json() | {"different": checked.scores_different})
            )
        if not checked.clean:
            raise CommandError(_("the ledger is not what a rebuild gives; “rescore --rebuild” mends it"))

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from leadqual.common.commands import LeadqualCommand
from leadqual.common.errors import LeadqualError
from leadqual.operations.design.dumping import dump


class Command(LeadqualCommand):
    help = _("Writes the design of this site as a file that load_design reads, to FILE or to the terminal.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        text = dump()
        if not options["file"]:
            self.stdout.write(text, ending="")
            return
        try:
            Path(options["file"]).write_text(text, encoding="utf-8")
        except OSError as error:
            raise LeadqualError("unwritable", error.strerror or str(error), options["file"]) from error

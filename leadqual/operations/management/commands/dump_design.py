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
        parser.add_argument("file", nargs="?", metavar="FILE", help=_("where to; the terminal if not given"))
        parser.add_argument("--force", action="store_true", help=_("write over a file that is there"))

    def handle(self, *args: Any, **options: Any) -> None:
        text = dump()
        if not options["file"]:
            self.stdout.write(text, ending="")
            return
        try:
            # "x" also where two write at once: the file is made by one of them.
            with Path(options["file"]).open("w" if options["force"] else "x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError as error:
            raise LeadqualError(
                "exists", _("is there already; --force writes over it"), options["file"]
            ) from error
        except OSError as error:
            raise LeadqualError("unwritable", error.strerror or str(error), options["file"]) from error

"""What the two import commands have in common: options, progress bar, result."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.commands import LeadqualCommand
from leadqual.common.progress import ProgressBar
from leadqual.leads.importing.files import Table, open_table
from leadqual.leads.importing.running import Job, Result, run


class ImportCommand(LeadqualCommand):
    def add_file_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help=_("the file to take in"))
        parser.add_argument(
            "--map", dest="maps", metavar="COLUMN=FIELD", action="append", default=[],
            help=_("which field a column is, “COLUMN=-” leaves it out; may be given several times"),
        )  # fmt: skip
        parser.add_argument(
            "--separator", default="", help=_("comma, semicolon or tab; found out if not given")
        )
        parser.add_argument(
            "--encoding", default="", help=_("utf-8, utf-16, cp932, ...; found out if not given")
        )
        parser.add_argument(
            "--report", metavar="PATH", type=Path, default=None, help=_("where rejected rows are listed")
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help=_("print the result as JSON"))

    def open(self, options: dict[str, Any]) -> Table:
        return open_table(
            options["file"],
            encoding=options["encoding"],
            separator=options["separator"],
            most_bytes=settings.IMPORT_MOST_BYTES,
        )

    def run_job(self, job: Job, table: Table, chosen: dict[str, Any], options: dict[str, Any]) -> Result:
        chosen = chosen | {"encoding": table.encoding, "separator": table.separator}
        bar = ProgressBar(self.stderr) if self.interactive and not options["as_json"] else None
        result = run(job, table, chosen, now=clock.now(), report=options["report"], progress=bar)
        if bar is not None:
            bar.close()
        return result

    def tell(self, result: Result, keys: Sequence[str], as_json: bool, more: dict[str, Any]) -> None:
        figures = {"rows": result.rows} | {key: result.counts.get(key, 0) for key in keys}
        if as_json:
            self.stdout.write(json.dumps(figures | more, ensure_ascii=False))
            return
        self.write_figures({LABELS[key](): number for key, number in figures.items()})
        if result.report is not None:
            self.stdout.write(_("rejected rows are listed in %s") % result.report)


LABELS = {
    "rows": lambda: _("rows"),
    "created": lambda: _("created"),
    "updated": lambda: _("updated"),
    "skipped": lambda: _("skipped, nothing new"),
    "rejected": lambda: _("rejected"),
    "recorded": lambda: _("recorded"),
    "duplicates": lambda: _("known already"),
    "leads_created": lambda: _("leads created"),
}

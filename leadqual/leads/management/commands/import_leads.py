from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from leadqual.leads.importing.command import ImportCommand
from leadqual.leads.importing.lead_job import KEYS, LeadJob, LeadOptions


class Command(ImportCommand):
    help = _("Takes in a file of leads: CSV in any usual encoding and separator, also packed with gzip.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_file_arguments(parser)
        parser.add_argument(
            "--rest",
            choices=["ignore", "custom"],
            default="ignore",
            help=_("custom: other columns become custom fields"),
        )
        parser.add_argument(
            "--key", default="", metavar="|".join(KEYS), help=_("by what a row finds a lead that exists")
        )
        parser.add_argument(
            "--outcome-column",
            default="",
            metavar="COLUMN",
            help=_("the column that says whether they bought"),
        )
        parser.add_argument(
            "--outcome-won",
            default="",
            metavar="VALUE",
            help=_("the value of won; another one is lost, none is open"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = LeadOptions(
            maps=options["maps"],
            rest="custom" if options["rest"] == "custom" else "",
            key=options["key"],
            outcome_column=options["outcome_column"],
            outcome_won=options["outcome_won"],
        )
        table = self.open(options)
        result = self.run_job(LeadJob(table, chosen), table, chosen.as_json(), options)
        report = str(result.report) if result.report is not None else None
        self.tell(
            result, ["created", "updated", "skipped", "rejected"], options["as_json"], {"report": report}
        )

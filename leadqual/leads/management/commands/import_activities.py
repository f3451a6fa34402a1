from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from leadqual.leads.importing.activity_job import ActivityJob, ActivityOptions
from leadqual.leads.importing.command import ImportCommand


class Command(ImportCommand):
    help = _("Takes in a file of acts: CSV in any usual encoding and separator, also packed with gzip.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_file_arguments(parser)
        parser.add_argument(
            "--rest",
            choices=["ignore", "attributes"],
            default="ignore",
            help=_("attributes: keep the other columns"),
        )
        parser.add_argument(
            "--type", default="", metavar="KEY", help=_("the type of all rows, where no column says it")
        )
        parser.add_argument(
            "--create-leads", action="store_true", help=_("make leads that are not known yet")
        )
        parser.add_argument(
            "--no-create-types", action="store_false", dest="create_types",
            help=_("reject acts of types that are not known yet"),
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = ActivityOptions(
            maps=options["maps"],
            rest="attributes" if options["rest"] == "attributes" else "",
            type=options["type"],
            create_leads=options["create_leads"],
            create_types=options["create_types"],
        )
        table = self.open(options)
        result = self.run_job(ActivityJob(table, chosen), table, chosen.as_json(), options)
        self.tell(result, ["recorded", "duplicates", "rejected", "leads_created"], options["as_json"], {})

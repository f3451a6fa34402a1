import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from leadqual.common.commands import LeadqualCommand
from leadqual.scoring.explaining import explain
from leadqual.scoring.finding import find_lead
from leadqual.scoring.wording import as_json, sentences


class Command(LeadqualCommand):
    help = _("Says why a lead has its points: today, or on any past day.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("lead", metavar="LEAD", help=_("id, public id, external id or e-mail address"))
        self.add_day(parser)
        parser.add_argument("--json", action="store_true", help=_("print the result as JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        lead = find_lead(options["lead"])
        told = explain(lead, day=self.day(options) if options["as_of"] else None)
        if options["json"]:
            self.stdout.write(json.dumps({"lead": lead.pk} | as_json(told), ensure_ascii=False, indent=2))
            return
        self.stdout.write(_("Lead %(id)d, %(name)s") % {"id": lead.pk, "name": lead})
        for sentence in sentences(told):
            self.stdout.write(sentence)

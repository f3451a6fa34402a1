import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from handoff.assignment import assign
from leadqual.common import clock
from leadqual.common.commands import LeadqualCommand
from leadqual.scoring.as_of import refuse_going_back


class Command(LeadqualCommand):
    help = _("Hands the waiting leads over to sales reps, as the live policies say.")

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_day(parser)
        parser.add_argument("--json", action="store_true", help=_("print the result as JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        day = self.day(options, now)
        refuse_going_back(day)
        result = assign(now=now, day=day)
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json()))
            return
        words = {
            _("assigned"): result.assigned,
            _("waiting"): result.waiting,
            _("of these without a policy"): result.no_policy,
            _("of these before their policy's turn"): result.before_turn,
            _("of these because nobody has a free place"): result.no_place,
        }
        self.write_figures(words)

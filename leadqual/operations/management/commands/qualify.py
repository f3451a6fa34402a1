import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.commands import LeadqualCommand
from leadqual.common.progress import ProgressBar
from leadqual.leads.models import Inbox
from leadqual.operations.qualifying import Summary, qualify
from leadqual.scoring.qualification import waiting_for_release


class Command(LeadqualCommand):
    help = _("Does one full pass: received events, scores, segments, stages, hot leads to reps")

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_day(parser)
        parser.add_argument("--json", action="store_true", help=_("print the result as JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        day = self.day(options, now)
        bar = ProgressBar(self.stderr)
        summary = qualify(day=day, now=now, progress=bar)
        bar.close()
        if options["json"]:
            self.stdout.write(json.dumps(summary.as_json()))
        else:
            self._table(summary, day)

    def _table(self, summary: Summary, day: int) -> None:
        rows = {
            _("events taken from the inbox"): summary.drained,
            _("leads scored"): summary.rescored,
            _("scores that changed"): summary.changed,
            _("became hot"): summary.became_hot,
            _("cooled down"): summary.cooled,
            _("segments that changed"): summary.segments,
            _("steps of leads from stage to stage"): summary.moved,
            _("handed over to reps"): summary.assigned,
            _("hot leads still waiting"): summary.waiting,
        }
        self.stdout.write(_("As of %s") % clock.date_of(day).isoformat())
        self.write_figures(rows)
        asides = {
            _("of these without a policy"): summary.no_policy,
            _("of these before their policy's turn"): summary.before_turn,
            _("of these because nobody has a free place"): summary.no_place,
            _(
                "hot leads kept back since a model went live (release_hot_leads)"
            ): waiting_for_release().count(),
            _("received events that could not be read"): Inbox.objects.exclude(quarantined_at=None).count(),
        }
        self.write_figures({label: count for label, count in asides.items() if count})

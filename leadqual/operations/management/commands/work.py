from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from leadqual.common.commands import LeadqualCommand
from leadqual.operations import tasks

TASKS = {
    task.name.rpartition(".")[2]: task
    for task in (
        tasks.drain_inbox,
        tasks.send_messages,
        tasks.assign_hot_leads,
        tasks.move_offers_on,
        tasks.resume_publishing,
        tasks.daily,
        tasks.refresh_segments,
        tasks.place_leads,
    )
}


class Command(LeadqualCommand):
    help = _(
        "Does one of the periodic tasks now, in this process: for cron, and to see what a worker would do"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("task", choices=sorted(TASKS), help=_("what to do"))

    def handle(self, *args: Any, **options: Any) -> None:
        TASKS[options["task"]].run()

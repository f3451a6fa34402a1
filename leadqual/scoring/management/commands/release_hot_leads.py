from typing import Any

from django.utils.translation import gettext as _

from leadqual.common.commands import LeadqualCommand
from leadqual.scoring.qualification import release


class Command(LeadqualCommand):
    help = _("Lets sales have the hot leads that were kept back when a scoring model went live")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(_("hot leads released for handoff: %d") % len(release()))

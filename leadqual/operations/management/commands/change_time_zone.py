from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.commands import LeadqualCommand
from leadqual.operations import time_zone


class Command(LeadqualCommand):
    help = _("Counts every day anew in the time zone of the settings, and rebuilds the scores")
    # The check that refuses another zone would refuse this command too.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if time_zone.stored_zone() == settings.TIME_ZONE:
            self.stdout.write(
                _("The days are counted in %s already, nothing was changed.") % settings.TIME_ZONE
            )
            return
        counts = time_zone.change(now=clock.now(), progress=lambda step: self.stderr.write(step))
        moved = sum(counts.values())
        message = _("The days are counted in %(zone)s now; %(moved)d rows fall on another day than before.")
        self.stdout.write(message % {"zone": settings.TIME_ZONE, "moved": moved})
        self.stdout.write(_("Start the web server and the workers again."))

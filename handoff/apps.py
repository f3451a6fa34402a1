from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HandoffConfig(AppConfig):
    name = "handoff"
    label = "handoff"
    verbose_name = _("Handoff")

    def ready(self) -> None:
        from handoff import condition_fields, person_rows, receivers, room, undecided
        from leadqual.scoring import room as scoring_room

        receivers.connect()
        condition_fields.register_fields()
        person_rows.register_all()
        undecided.register()
        scoring_room.register(room.free_places)

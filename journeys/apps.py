from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

MOVE = ("map__name", "from_stage__name", "to_stage__name", "day", "at", "why")


class JourneysConfig(AppConfig):
    name = "journeys"
    label = "journeys"
    verbose_name = _("Customer journey maps")

    def ready(self) -> None:
        from journeys import condition_fields, guards, receivers, undecided
        from leadqual.leads import persons

        condition_fields.register_fields()
        guards.connect()
        receivers.connect()
        undecided.register()
        persons.register(
            persons.computed("journeys.StagePlacement"),
            # The way of one record; on another it would be a way that nobody went.
            persons.staying("journeys.StageMove", export=MOVE),
        )

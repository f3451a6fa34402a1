from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScoringConfig(AppConfig):
    name = "leadqual.scoring"
    label = "scoring"
    verbose_name = _("Scoring")

    def ready(self) -> None:
        from leadqual.scoring import (
            condition_fields,
            endings,
            guards,
            person_rows,
            receivers,
            segment_uses,
            undecided,
        )

        condition_fields.register_fields()
        endings.connect()
        guards.connect()
        receivers.connect()
        person_rows.register_all()
        undecided.register()
        segment_uses.register()

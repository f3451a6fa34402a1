from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SegmentsConfig(AppConfig):
    name = "segments"
    label = "segments"
    verbose_name = _("Segments")

    def ready(self) -> None:
        from segments.conditions.lead_fields import register_lead_fields

        register_lead_fields()

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SegmentsConfig(AppConfig):
    name = "segments"
    label = "segments"
    verbose_name = _("Segments")

    def ready(self) -> None:
        from leadqual.leads import persons
        from segments.conditions.lead_fields import register_lead_fields

        register_lead_fields()
        persons.register(
            persons.computed("segments.Membership"),
            persons.staying("segments.MembershipChange", export=("segment__name", "joined", "at", "why")),
            persons.following(
                "segments.ManualMember",
                once_per=("segment",),
                export=("segment__name", "include", "at", "why"),
            ),
        )

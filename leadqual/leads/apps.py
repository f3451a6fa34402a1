from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "leadqual.leads"
    label = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        from leadqual.leads import person_rows

        person_rows.register_all()

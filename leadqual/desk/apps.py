from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "leadqual.desk"
    label = "desk"
    verbose_name = _("Desk")

    def ready(self) -> None:
        from leadqual.desk import person_rows

        person_rows.register_all()

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "leadqual.operations"
    label = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from leadqual.operations import receivers, starting

        receivers.connect()
        starting.connect()

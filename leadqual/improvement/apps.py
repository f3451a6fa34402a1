from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImprovementConfig(AppConfig):
    name = "leadqual.improvement"
    label = "improvement"
    verbose_name = _("Improvement")

    def ready(self) -> None:
        from leadqual.improvement import undecided

        undecided.register()

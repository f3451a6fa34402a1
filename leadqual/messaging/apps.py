from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "leadqual.messaging"
    label = "messaging"
    verbose_name = _("Messaging")

    def ready(self) -> None:
        from leadqual.leads import persons

        persons.register(
            persons.following("messaging.EmailPart", export=("text", "cells", "message__created_at"))
        )

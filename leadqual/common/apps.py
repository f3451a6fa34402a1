from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "leadqual.common"
    label = "common"
    verbose_name = _("Common")

    def ready(self) -> None:
        from leadqual.common import roles

        post_migrate.connect(roles.write_groups, dispatch_uid="common.write_groups")

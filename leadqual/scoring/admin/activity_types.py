from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin

from leadqual.common.administration import DesignAdmin
from leadqual.leads.models import ActivityType
from leadqual.scoring.admin.forms import ActivityTypeForm


@admin.register(ActivityType)
class ActivityTypeAdmin(DesignAdmin, SimpleHistoryAdmin):
    """Kinds of acts: how much each says, where on the site it happens, whether it goes to sales at once."""

    form = ActivityTypeForm
    list_display = ("label", "key", "category", "intent", "is_conversion", "by_person", "direct_to_sales")
    list_filter = ("intent", "is_conversion", "direct_to_sales", "by_person", "category")
    search_fields = ("key", "label", "category")
    ordering = ("label",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Events and conditions name the key."""
        return ("key",) if obj else ()

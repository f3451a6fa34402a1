"""What all our pages in Django's admin share: bounded queries, and the register of open questions kept true."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from leadqual.common import clock, undecided


class DesignAdmin(admin.ModelAdmin):
    """For objects of the design. No count over the whole table; after each save the open questions are checked."""

    show_full_result_count = False
    list_per_page = 50

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        undecided.check(day=clock.today())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        undecided.check(day=clock.today())

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leadqual.common import clock
from leadqual.common.administration import DesignAdmin
from leadqual.common.errors import LeadqualError
from segments.changing import change_segment, check_change
from segments.models import Segment


class SegmentAdminForm(forms.ModelForm):
    """The condition as JSON; a fault is told with its place in the tree."""

    class Meta:
        model = Segment
        fields = ("name", "description", "state", "condition")
        widgets = {"condition": forms.Textarea(attrs={"rows": 14, "cols": 80, "spellcheck": "false"})}
        help_texts = {
            "condition": _(
                "As JSON. The pages of the segments have a form with rows and the number of leads."
            )
        }

    def clean(self) -> Any:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        segment = Segment.objects.filter(pk=self.instance.pk).first()
        values = {name: cleaned[name] for name in ("name", "description", "state")}
        try:
            check_change(segment, tree=cleaned["condition"], now=clock.now(), **values)
        except LeadqualError as error:
            field = error.place.partition(".")[0].partition("[")[0]
            self.add_error(field if field in self.fields else "condition", str(error))
        return cleaned


@admin.register(Segment)
class SegmentAdmin(DesignAdmin):
    form = SegmentAdminForm
    list_display = ("name", "state", "size", "refreshed_at")
    list_filter = ("state",)
    search_fields = ("name", "description")
    ordering = ("name",)
    readonly_fields = ("size", "refreshed_at")

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: bool) -> None:
        saved = change_segment(
            Segment.objects.get(pk=obj.pk) if change else None,
            name=obj.name,
            tree=obj.condition,
            description=obj.description,
            state=obj.state,
            now=clock.now(),
            by=request.user,
        )
        obj.pk = saved.pk
        obj.refresh_from_db()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A segment is retired: its members of old, models and policies still speak of it."""
        return False

    def view_on_site(self, obj: Segment) -> str:
        return reverse("segments:segment", args=[obj.pk])

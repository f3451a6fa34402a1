from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys import drawing, going_live
from journeys.forms import MapForm, StageForm, TouchpointForm, offered
from journeys.models import Content, JourneyMap, MapState, Stage, Touchpoint
from leadqual.common import clock
from leadqual.common.errors import LeadqualError


def _is_draft(row: Any) -> bool:
    each = row if isinstance(row, JourneyMap | None) else drawing.map_of(row)
    return each is None or each.state == MapState.DRAFT


class OnlyDrafts(admin.ModelAdmin):
    """What went live is shown and not changed; every save goes through the drawing of maps."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_draft(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_draft(obj)

    def get_actions(self, request: HttpRequest) -> Any:
        """Deleting many at once would not ask each whether it is a draft."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        now = clock.now()
        formset.save(commit=False)
        for part in formset.deleted_objects:
            drawing.erase_part(part, now=now, by=request.user)
        for each in formset.forms:
            if each in formset.deleted_forms or not each.has_changed():
                continue
            drawing.draw_part(each.instance, now=now, by=request.user)
            if isinstance(each.instance, Touchpoint):
                given = each.cleaned_data
                drawing.bind(each.instance, given["types"], given["given"], now=now, by=request.user)


class StageInline(admin.TabularInline):
    model = Stage
    form = StageForm
    fields = ("order", "name", "key", "entry", "goal")
    prepopulated_fields = {"key": ("name",)}
    show_change_link = True
    extra = 0


@admin.register(JourneyMap)
class MapAdmin(OnlyDrafts):
    form = MapForm
    inlines = (StageInline,)
    list_display = ("name", "version", "state", "segment", "may_regress", "live_since")
    list_display_links = ("name", "version")
    list_filter = ("state", "segment")
    list_select_related = ("segment",)
    search_fields = ("name", "persona", "segment__name")
    ordering = ("name", "-version")
    readonly_fields = ("version", "state", "live_since", "retired_at")
    actions = ("bring_live", "take_off")

    def save_model(self, request: HttpRequest, obj: JourneyMap, form: Any, change: bool) -> None:
        drawing.draw(obj, now=clock.now(), by=request.user)

    def view_on_site(self, obj: JourneyMap) -> str:
        return reverse("journeys:map", args=[obj.pk])

    @admin.action(description=gettext_lazy("Bring live"), permissions=["change"])
    def bring_live(self, request: HttpRequest, queryset: QuerySet[JourneyMap]) -> None:
        self._each(request, queryset, going_live.go_live, _("“%s” is live. Its leads are being placed."))

    @admin.action(description=gettext_lazy("Retire"), permissions=["change"])
    def take_off(self, request: HttpRequest, queryset: QuerySet[JourneyMap]) -> None:
        self._each(request, queryset, going_live.retire, _("“%s” is retired. Its leads are taken off."))

    def _each(self, request: HttpRequest, queryset: QuerySet[JourneyMap], work: Any, done: str) -> None:
        for each in queryset:
            try:
                work(each, now=clock.now(), by=request.user)
            except LeadqualError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                self.message_user(request, done % each.name, messages.SUCCESS)


class TouchpointInline(admin.StackedInline):
    model = Touchpoint
    form = TouchpointForm
    fields = (
        ("position", "action", "channel"),
        "question",
        ("feeling_level", "feeling"),
        "strength",
        "owner",
        ("types", "given"),
    )
    readonly_fields = ("acts_here", "given_here")
    extra = 0

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is live is only shown, and the form's own fields cannot be shown without a form."""
        return self.fields if _is_draft(obj) else (*self.fields[:-1], self.readonly_fields)

    @admin.display(description=gettext_lazy("activity types"))
    def acts_here(self, touchpoint: Touchpoint) -> str:
        return ", ".join(kind.label for kind in touchpoint.activity_types.all())

    @admin.display(description=gettext_lazy("contents"))
    def given_here(self, touchpoint: Touchpoint) -> str:
        return ", ".join(content.title for content in touchpoint.contents.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Touchpoint]:
        return super().get_queryset(request).prefetch_related("activity_types", "contents")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        made = super().get_formset(request, obj, **kwargs)
        made.form.offered = offered()  # type: ignore[attr-defined]
        return made


@admin.register(Stage)
class StageAdmin(OnlyDrafts):
    form = StageForm
    inlines = (TouchpointInline,)
    list_display = ("name", "key", "order", "map")
    list_filter = ("map__state", "map__name")
    list_select_related = ("map",)
    search_fields = ("name", "key", "goal", "map__name")
    ordering = ("map__name", "-map__version", "order")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "map":
            kwargs["queryset"] = JourneyMap.objects.drafts().order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Stage, form: Any, change: bool) -> None:
        drawing.draw_part(obj, now=clock.now(), by=request.user)


@admin.register(Content)
class ContentAdmin(admin.ModelAdmin):
    list_display = ("title", "owner", "expires_on", "link")
    list_filter = ("expires_on", "owner")
    search_fields = ("title", "link", "reference", "owner")
    date_hierarchy = "expires_on"

"""Drafts are edited here, with their groups and rules; what was published is shown and never changed."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadqual.common.administration import DesignAdmin
from leadqual.common.names import person_name
from leadqual.scoring.admin.forms import GroupForm, ModelForm, RuleForm
from leadqual.scoring.models import ModelState, RuleGroup, ScoringModel, ScoringRule
from leadqual.scoring.validation import problems


def is_draft(model: ScoringModel | None) -> bool:
    return model is None or model.state == ModelState.DRAFT


class PartInline(admin.TabularInline):
    """Parts of a draft; those of a published model are only shown."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and is_draft(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and is_draft(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and is_draft(obj)


class GroupInline(PartInline):
    model = RuleGroup
    form = GroupForm


class RuleInline(PartInline, admin.StackedInline):
    """One box a rule: a table of thirteen columns would be wider than any screen."""

    model = ScoringRule
    form = RuleForm
    template = "admin/edit_inline/stacked.html"
    fields = (
        ("name", "group", "kind", "points"),
        ("activity_type", "where"),
        ("limit_count", "limit_period", "window_days", "half_life_days"),
        ("condition", "inactive_days", "position"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScoringRule]:
        return super().get_queryset(request).select_related("group", "activity_type")

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Groups of this model only; what a box offers is read once, not once a rule."""
        formset = super().get_formset(request, obj, **options)
        fields: dict[str, Any] = formset.form.base_fields
        if "group" in fields:
            fields["group"].queryset = RuleGroup.objects.filter(model=obj)
        for name in ("group", "activity_type"):
            if name in fields:
                fields[name].choices = list(fields[name].choices)
        return formset


@admin.register(ScoringModel)
class ScoringModelAdmin(DesignAdmin):
    form = ModelForm
    inlines = (GroupInline, RuleInline)
    list_display = ("name", "version", "state", "hot_at", "cool_at", "review_date", "live_since", "who")
    list_display_links = ("name", "version")
    list_filter = ("state", "name")
    search_fields = ("name",)
    ordering = ("name", "-version")
    readonly_fields = ("version", "state", "origin", "live_since", "live_until", "who")
    change_form_template = "scoring/admin_model.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScoringModel]:
        return (
            super().get_queryset(request).select_related("by", "based_on").defer("frozen", "based_on__frozen")
        )

    @admin.display(description=gettext_lazy("Based on"))
    def origin(self, model: ScoringModel) -> str:
        return str(model.based_on or "")

    @admin.display(description=gettext_lazy("Live since"), ordering="published_at")
    def live_since(self, model: ScoringModel) -> Any:
        return model.published_at

    @admin.display(description=gettext_lazy("Until"))
    def live_until(self, model: ScoringModel) -> Any:
        return model.retired_at

    @admin.display(description=gettext_lazy("By"))
    def who(self, model: ScoringModel) -> str:
        return person_name(model.by) if model.by else ""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and is_draft(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and is_draft(obj)

    def get_actions(self, request: HttpRequest) -> Any:
        """Deleting many at once would not ask each whether it is a draft."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """Rules stand in groups, so a new model gets its groups first."""
        return self.inlines if obj is not None else (GroupInline,)

    def save_model(self, request: HttpRequest, obj: ScoringModel, form: Any, change: bool) -> None:
        if not change:
            latest = ScoringModel.objects.filter(name=obj.name).aggregate(latest=Max("version"))["latest"]
            obj.version = (latest or 0) + 1
            obj.by_id = request.user.pk
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """What keeps the draft from being published, and what to think about, said after every save."""
        super().save_related(request, form, formsets, change)
        for problem in problems(form.instance):
            if problem.blocking:
                self.message_user(request, _("Not to be published yet: %s") % problem, messages.ERROR)
            else:
                self.message_user(request, _("To think about: %s") % problem, messages.WARNING)

    def view_on_site(self, obj: ScoringModel) -> str:
        return reverse("scoring:version", args=[obj.pk])

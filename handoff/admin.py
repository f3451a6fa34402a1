from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin

from handoff import policies
from handoff.models import OPEN, Feedback, Handoff, HandoffPolicy, Means, PolicyState, SalesRep, SalesTeam
from leadqual.common import clock
from leadqual.common.administration import DesignAdmin
from leadqual.common.errors import LeadqualError
from leadqual.common.names import person_name


class PersonChoice(forms.ModelChoiceField):
    """Marketers make teams and may not look into accounts: all they choose from is names."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.filter(is_active=True).order_by("last_name", "username"), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{person_name(obj)} ({obj.username})"


class RepInline(admin.TabularInline):
    """Who is in the team; people join it on their own page."""

    model = SalesRep
    fields = ("user", "weight", "capacity", "active")
    readonly_fields = ("user",)
    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[SalesRep]:
        return super().get_queryset(request).select_related("user")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TeamForm(forms.ModelForm):
    manager = PersonChoice(label=gettext_lazy("manager"), required=False)

    class Meta:
        model = SalesTeam
        fields = ("name", "manager")


@admin.register(SalesTeam)
class SalesTeamAdmin(DesignAdmin, SimpleHistoryAdmin):
    form = TeamForm
    list_display = ("name", "manager", "people")
    search_fields = ("name",)
    inlines = (RepInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SalesTeam]:
        rows = super().get_queryset(request).select_related("manager")
        return rows.annotate(active_reps=Count("reps", filter=Q(reps__active=True)))

    @admin.display(description=gettext_lazy("active reps"), ordering="active_reps")
    def people(self, team: Any) -> int:
        return int(team.active_reps)


class RepForm(forms.ModelForm):
    user = PersonChoice(label=gettext_lazy("user"))

    class Meta:
        model = SalesRep
        fields = ("user", "team", "weight", "capacity", "territory", "absent_from", "absent_until", "active")
        help_texts = {
            "capacity": gettext_lazy("How many open leads this person can have at once."),
            "territory": gettext_lazy(
                "A condition; empty: every lead. The rep gets only leads for which it holds."
            ),
            "weight": gettext_lazy("Who has 2 gets twice as many leads as who has 1."),
        }

    def clean_territory(self) -> Any:
        tree = self.cleaned_data["territory"]
        for problem in policies.territory_problems(tree):
            self.add_error("territory", f"{problem.place}: {problem.message}")
        return tree


@admin.register(SalesRep)
class SalesRepAdmin(DesignAdmin, SimpleHistoryAdmin):
    form = RepForm
    list_display = (
        "__str__",
        "team",
        "open_leads",
        "capacity",
        "weight",
        "absent_from",
        "absent_until",
        "active",
    )
    list_filter = ("team", "active")
    search_fields = ("user__username", "user__first_name", "user__last_name", "user__email")
    list_select_related = ("user", "team")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SalesRep]:
        rows = super().get_queryset(request)
        return rows.annotate(load=Count("handoffs", filter=Q(handoffs__state__in=OPEN)))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A rep who leaves is switched off: what they did keeps its name."""
        return False

    @admin.display(description=gettext_lazy("open leads"), ordering="load")
    def open_leads(self, rep: Any) -> int:
        return int(rep.load)


class PolicyForm(forms.ModelForm):
    """Saves drafts however incomplete; what is live stays complete."""

    means = forms.MultipleChoiceField(
        label=gettext_lazy("means"),
        choices=Means.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = HandoffPolicy
        fields = (
            "name", "position", "segment", "team", "fallback_team", "means", "cadence", "cadence_time",
            "cadence_weekday", "follow_up", "strategy", "accept_within_hours", "feedback_after_days", "review_date",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.instance.state == PolicyState.LIVE and not self.errors:
            for field, value in cleaned.items():
                setattr(self.instance, field, value)
            for problem in policies.problems(self.instance):
                place = problem.place if problem.place in self.fields else None
                self.add_error(place, str(problem.message))
        return cleaned


@admin.register(HandoffPolicy)
class HandoffPolicyAdmin(DesignAdmin, SimpleHistoryAdmin):
    form = PolicyForm
    list_display = ("name", "position", "state", "segment", "team", "fallback_team", "cadence", "review_date")
    list_filter = ("state", "team")
    search_fields = ("name",)
    autocomplete_fields = ("team", "fallback_team")
    list_select_related = ("segment", "team", "fallback_team")
    readonly_fields = ("state",)
    change_form_template = "handoff/admin_policy.html"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (
            obj is not None and obj.state == PolicyState.DRAFT and super().has_delete_permission(request, obj)
        )

    def response_change(self, request: HttpRequest, obj: HandoffPolicy) -> HttpResponse:
        """The buttons “Put in force” and “Retire” beside those that save."""
        now, back = clock.now(), redirect(request.path)
        if "_go_live" in request.POST:
            try:
                policies.go_live(obj, now=now, by=request.user)
            except LeadqualError as error:
                messages.error(request, str(error.message))
                return back
            messages.success(request, _("%s is in force.") % obj)
            return back
        if "_retire" in request.POST:
            policies.retire(obj, by=request.user)
            messages.success(request, _("%s hands nothing over any more.") % obj)
            return back
        return super().response_change(request, obj)


class Shown(admin.ModelAdmin):
    """Rows that work writes and nobody edits."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Handoff)
class HandoffAdmin(Shown):
    list_display = ("public_id", "lead", "rep", "state", "origin", "made_at", "accept_by")
    list_filter = ("state", "origin", "team")
    list_select_related = ("lead", "rep__user")
    search_fields = ("public_id", "lead__name_folded", "lead__email")
    date_hierarchy = None
    ordering = ("-pk",)


@admin.register(Feedback)
class FeedbackAdmin(Shown):
    list_display = ("handoff", "bought", "timing", "reason", "at", "by")
    list_filter = ("bought", "timing")
    list_select_related = ("handoff", "by")
    ordering = ("-pk",)

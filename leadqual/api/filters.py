import django_filters as filters
from django.db.models import QuerySet

from handoff.models import Feedback, Handoff, Origin, State
from leadqual.common.words import folded
from leadqual.leads.models import Activity, Company, Lead, Outcome, Status
from leadqual.scoring.models import ModelState, ScoringModel
from segments.models import Segment, SegmentState


class LeadFilter(filters.FilterSet):
    email = filters.CharFilter(method="with_address")
    external_id = filters.CharFilter()
    status = filters.ChoiceFilter(choices=Status.choices)
    outcome = filters.ChoiceFilter(choices=Outcome.choices)
    company = filters.UUIDFilter(field_name="company__public_id")
    segment = filters.NumberFilter(
        field_name="memberships__segment_id", help_text="id of a segment the lead is in"
    )
    created_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gt")

    class Meta:
        model = Lead
        fields: list[str] = []

    def with_address(self, leads: QuerySet[Lead], name: str, value: str) -> QuerySet[Lead]:
        """In the form in which addresses are stored, so that their index answers."""
        return leads.filter(email=folded(value))


class CompanyFilter(filters.FilterSet):
    domain = filters.CharFilter(method="with_domain")
    corporate_number = filters.CharFilter()
    industry = filters.CharFilter()

    class Meta:
        model = Company
        fields: list[str] = []

    def with_domain(self, companies: QuerySet[Company], name: str, value: str) -> QuerySet[Company]:
        return companies.filter(domain=folded(value))


class ActivityFilter(filters.FilterSet):
    lead = filters.UUIDFilter(field_name="lead__public_id")
    type = filters.CharFilter(field_name="signature__type__key")
    machine = filters.BooleanFilter()
    occurred_after = filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="gt")

    class Meta:
        model = Activity
        fields: list[str] = []


class SegmentFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=SegmentState.choices)

    class Meta:
        model = Segment
        fields: list[str] = []


class ModelFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=ModelState.choices)

    class Meta:
        model = ScoringModel
        fields: list[str] = []


class HandoffFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=State.choices)
    origin = filters.ChoiceFilter(choices=Origin.choices)
    lead = filters.UUIDFilter(field_name="lead__public_id")
    made_after = filters.IsoDateTimeFilter(field_name="made_at", lookup_expr="gt")

    class Meta:
        model = Handoff
        fields: list[str] = []


class FeedbackFilter(filters.FilterSet):
    handoff = filters.UUIDFilter(field_name="handoff__public_id")
    given_after = filters.IsoDateTimeFilter(field_name="at", lookup_expr="gt")

    class Meta:
        model = Feedback
        fields: list[str] = []

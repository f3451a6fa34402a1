"""What the API says and takes, field by field; nothing is taken that an action does not list."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from handoff.models import Bought, Feedback, Handoff, Timing
from leadqual.common import clock
from leadqual.leads.models import Activity, Company, Lead, Seniority
from leadqual.scoring.models import ScoringModel
from leadqual.scoring.showing import band_of
from segments.models import Segment


def day(number: int | None) -> str | None:
    return None if number is None else clock.date_of(number).isoformat()


class CompanySerializer(serializers.ModelSerializer[Company]):
    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = Company
        fields = [
            "id", "name", "domain", "corporate_number", "industry", "employees", "revenue", "prefecture", "country",
            "custom", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class CompanyOfLead(serializers.Serializer[Company]):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()


class ScoreSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    fit = serializers.IntegerField()
    engagement = serializers.IntegerField()
    band = serializers.ChoiceField(choices=["hot", "warm", "cold"])
    as_of = serializers.DateField()


class LeadSerializer(serializers.ModelSerializer[Lead]):
    """`score` is the live one; null while no model has scored the lead."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    company = CompanyOfLead(allow_null=True)
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    outcome_day = serializers.SerializerMethodField()
    score = serializers.SerializerMethodField()

    class Meta:
        model = Lead
        fields = [
            "id", "external_id", "family_name", "given_name", "family_kana", "given_kana", "email", "phone",
            "department", "title", "seniority", "source", "interests", "company", "status", "owner", "outcome",
            "outcome_day", "score", "custom", "created_at", "version",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_outcome_day(self, lead: Lead) -> str | None:
        return day(lead.outcome_day)

    @extend_schema_field(ScoreSerializer(allow_null=True))
    def get_score(self, lead: Lead) -> dict[str, Any] | None:
        row = self.context.get("scores", {}).get(lead.pk)
        if row is None:
            return None
        return {
            "total": row["total"],
            "fit": row["fit"],
            "engagement": row["engagement"],
            "band": band_of(row["total"], hot_at=row["model__hot_at"], cool_at=row["model__cool_at"]),
            "as_of": day(row["as_of"]),
        }


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A lead from a seminar",
            value={
                "family_name": "山田", "given_name": "花子", "email": "hanako.yamada@example.com",
                "company": "株式会社見本", "title": "部長", "source": "seminar", "custom": {},
            },
            request_only=True,
        )
    ]
)  # fmt: skip
class LeadWriteSerializer(serializers.Serializer[Any]):
    """`company` is a name; a company that is not known yet is made. `version`, if given, must be the current one."""

    external_id = serializers.CharField(required=False, allow_blank=True, max_length=200)
    family_name = serializers.CharField(required=False, allow_blank=True, max_length=100)
    given_name = serializers.CharField(required=False, allow_blank=True, max_length=100)
    family_kana = serializers.CharField(required=False, allow_blank=True, max_length=100)
    given_kana = serializers.CharField(required=False, allow_blank=True, max_length=100)
    email = serializers.EmailField(required=False, allow_blank=True, max_length=254)
    phone = serializers.CharField(required=False, allow_blank=True, max_length=32)
    department = serializers.CharField(required=False, allow_blank=True, max_length=200)
    title = serializers.CharField(required=False, allow_blank=True, max_length=200)
    seniority = serializers.ChoiceField(required=False, allow_blank=True, choices=Seniority.choices)
    source = serializers.CharField(required=False, allow_blank=True, max_length=200)  # type: ignore[assignment]
    interests = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=50
    )
    company = serializers.CharField(required=False, allow_blank=True, max_length=200)
    custom = serializers.DictField(required=False)
    version = serializers.IntegerField(required=False)


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    lead = serializers.UUIDField(source="lead.public_id", default=None, allow_null=True)
    type = serializers.CharField(source="signature.type.key")
    path = serializers.CharField(source="signature.path")
    attributes = serializers.SerializerMethodField()

    class Meta:
        model = Activity
        fields = ["lead", "type", "path", "attributes", "occurred_at", "received_at", "event_id", "machine"]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField())
    def get_attributes(self, act: Activity) -> dict[str, Any]:
        return {**act.signature.attributes, **(act.attributes or {})}


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A page view",
            value={
                "type": "page_view", "lead": {"email": "hanako.yamada@example.com"}, "url": "https://example.com/pricing",
                "occurred_at": "2026-11-24T10:15:00+09:00", "event_id": "6f1c2a",
            },
            request_only=True,
        )
    ]
)  # fmt: skip
class EventSerializer(serializers.Serializer[Any]):
    """One act of a person. The same `event_id` sent twice counts once."""

    type = serializers.CharField(max_length=50)
    lead = serializers.DictField(
        required=False, help_text="`external_id` and/or `email`, and fields of a new lead"
    )
    visitor = serializers.UUIDField(required=False)
    url = serializers.CharField(required=False)
    path = serializers.CharField(required=False)
    occurred_at = serializers.DateTimeField(required=False)
    event_id = serializers.CharField(required=False)
    attributes = serializers.DictField(required=False)
    machine = serializers.BooleanField(required=False)


class AcceptedSerializer(serializers.Serializer[Any]):
    accepted = serializers.IntegerField()


class SegmentSerializer(serializers.ModelSerializer[Segment]):
    refreshed_day = serializers.SerializerMethodField()

    class Meta:
        model = Segment
        fields = ["id", "name", "description", "condition", "state", "size", "refreshed_day"]
        read_only_fields = fields

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_refreshed_day(self, segment: Segment) -> str | None:
        return day(segment.refreshed_day)


class ModelSerializer(serializers.ModelSerializer[ScoringModel]):
    as_of = serializers.SerializerMethodField()
    rules = serializers.SerializerMethodField()

    class Meta:
        model = ScoringModel
        fields = [
            "id", "name", "version", "state", "hot_at", "cool_at", "cool_down_days", "gate_strong_within",
            "gate_active_days", "gate_active_within", "review_date", "published_at", "retired_at", "as_of", "rules",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_as_of(self, model: ScoringModel) -> str | None:
        return day(model.as_of)

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_rules(self, model: ScoringModel) -> list[dict[str, Any]]:
        return [
            {
                "name": rule.name, "kind": rule.kind, "group": rule.group.name, "axis": rule.group.axis,
                "points": rule.points, "window_days": rule.window_days, "half_life_days": rule.half_life_days,
                "limit_count": rule.limit_count, "limit_period": rule.limit_period, "condition": rule.condition,
            }
            for rule in model.rules.all()
        ]  # fmt: skip


class FeedbackSerializer(serializers.ModelSerializer[Feedback]):
    handoff = serializers.UUIDField(source="handoff.public_id", read_only=True)
    by = serializers.CharField(source="by.username", default=None, allow_null=True)
    corrected = serializers.BooleanField(source="is_corrected", read_only=True)

    class Meta:
        model = Feedback
        fields = ["handoff", "bought", "timing", "reason", "remark", "amount", "at", "by", "corrected"]
        read_only_fields = fields


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "They bought", value={"bought": "yes", "timing": "right", "amount": 1200000}, request_only=True
        )
    ]
)
class FeedbackWriteSerializer(serializers.Serializer[Any]):
    bought = serializers.ChoiceField(choices=Bought.choices)
    timing = serializers.ChoiceField(choices=Timing.choices, required=False, allow_blank=True)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)
    remark = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    amount = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=10**15)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class HandoffSerializer(serializers.ModelSerializer[Handoff]):
    id = serializers.UUIDField(source="public_id", read_only=True)
    lead = serializers.UUIDField(source="lead.public_id")
    lead_name = serializers.CharField(source="lead")
    rep = serializers.CharField(source="rep.user.username", default=None, allow_null=True)
    team = serializers.CharField(source="team.name", default=None, allow_null=True)
    policy = serializers.CharField(source="policy.name", default=None, allow_null=True)
    score = serializers.IntegerField(source="qualification.score", default=None, allow_null=True)

    class Meta:
        model = Handoff
        fields = [
            "id", "lead", "lead_name", "rep", "team", "policy", "origin", "state", "score", "made_at", "offered_at",
            "accept_by", "answered_at", "closed_at", "closed_as", "answer",
        ]  # fmt: skip
        read_only_fields = fields

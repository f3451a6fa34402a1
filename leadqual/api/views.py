"""The resources of version 1. Every list and every object starts with what the caller may see."""

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from handoff import answering, feedback
from handoff.models import Feedback, Handoff
from leadqual.api import filters, writing
from leadqual.api import serializers as shapes
from leadqual.api.authentication import InRole
from leadqual.common import clock
from leadqual.common.access import EVERYBODY, Role
from leadqual.common.errors import LeadqualError
from leadqual.leads import inbox
from leadqual.leads.arrivals import read_arrival
from leadqual.leads.models import Activity, Company, Lead
from leadqual.scoring.explaining import explain
from leadqual.scoring.models import LeadScore, ModelState, ScoringModel, ScoringRule
from leadqual.scoring.wording import as_json
from segments.conditions import parse, sentence
from segments.models import Segment

MOST_EVENTS = 1000
READERS = {"list": EVERYBODY, "retrieve": EVERYBODY}
DESIGNERS = (Role.MARKETER,)


class View(GenericViewSet[Any]):
    """`roles` names who may do each action; `visible_to` decides about which rows."""

    permission_classes = [InRole]
    roles: dict[str, tuple[Role, ...]] = READERS


class LeadViewSet(View, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    queryset = Lead.objects.none()
    serializer_class = shapes.LeadSerializer
    filterset_class = filters.LeadFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    roles = READERS | {"create": DESIGNERS, "partial_update": DESIGNERS, "score": EVERYBODY}

    def get_queryset(self) -> QuerySet[Lead]:
        return Lead.objects.visible_to(self.request.user).select_related("company", "owner")

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """With the scores of all rows in one query."""
        rows: Any = args if not args or not kwargs.get("many") else args[0]
        leads = [row.pk for row in rows]
        kwargs["context"] = {**self.get_serializer_context(), "scores": _scores(leads)}
        return super().get_serializer(*args, **kwargs)

    @extend_schema(request=shapes.LeadWriteSerializer, responses={201: shapes.LeadSerializer})
    def create(self, request: Request) -> Response:
        """A lead whose address or external id is known already is refused with the id of the known one."""
        values = _valid(shapes.LeadWriteSerializer, request)
        lead = writing.create(values, now=clock.now(), by=request.user)
        return Response(self.get_serializer(lead).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.LeadWriteSerializer, responses=shapes.LeadSerializer)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Owner, status, outcome and score have actions of their own and cannot be written here."""
        lead = self.get_object()
        writing.edit(lead, _valid(shapes.LeadWriteSerializer, request), now=clock.now(), by=request.user)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("as_of", OpenApiTypes.DATE, description="explain the score of a past day")
        ],
        responses=OpenApiTypes.OBJECT,
    )
    @action(detail=True, filterset_class=None)
    def score(self, request: Request, public_id: str) -> Response:
        """Why the lead has its points: lines and cuts that add up to the total."""
        return Response(as_json(explain(self.get_object(), day=_day(request, "as_of"))))


class CompanyViewSet(View, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    queryset = Company.objects.none()
    serializer_class = shapes.CompanySerializer
    filterset_class = filters.CompanyFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Company]:
        return Company.objects.visible_to(self.request.user)


class ActivityViewSet(View, mixins.ListModelMixin):
    queryset = Activity.objects.none()
    serializer_class = shapes.ActivitySerializer
    filterset_class = filters.ActivityFilter
    roles = {"list": EVERYBODY, "create": DESIGNERS}

    def get_queryset(self) -> QuerySet[Activity]:
        visible = Lead.objects.visible_to(self.request.user)
        return Activity.objects.filter(lead__in=visible).select_related("lead", "signature__type")

    @extend_schema(
        request=shapes.EventSerializer(many=True),
        responses={
            202: shapes.AcceptedSerializer,
            413: OpenApiResponse(description="The body is too large."),
        },
    )
    def create(self, request: Request) -> Response:
        """One event or a list of up to 1,000. Answered when all are stored; they count within seconds. All or none."""
        events = request.data if isinstance(request.data, list) else [request.data]
        now = clock.now()
        _check_events(events, now)
        accepted = inbox.receive_many(events, now=now)
        return Response({"accepted": accepted}, status=status.HTTP_202_ACCEPTED)


class SegmentViewSet(View, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    queryset = Segment.objects.all()
    serializer_class = shapes.SegmentSerializer
    filterset_class = filters.SegmentFilter
    lookup_value_converter = "int"
    roles = {"list": DESIGNERS, "retrieve": DESIGNERS, "sentence": DESIGNERS}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, filterset_class=None)
    def sentence(self, request: Request, pk: int) -> Response:
        """The condition in words, in the language asked for by Accept-Language."""
        return Response({"sentence": sentence(parse(self.get_object().condition))})


class ModelViewSet(View, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    queryset = (
        ScoringModel.objects.exclude(state=ModelState.BUILDING)
        .defer("frozen")
        .prefetch_related(Prefetch("rules", ScoringRule.objects.select_related("group")))
    )
    serializer_class = shapes.ModelSerializer
    filterset_class = filters.ModelFilter
    lookup_value_converter = "int"
    roles = {"list": DESIGNERS, "retrieve": DESIGNERS}


class HandoffViewSet(View, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """A rep sees and answers the handoffs made to them."""

    queryset = Handoff.objects.none()
    serializer_class = shapes.HandoffSerializer
    filterset_class = filters.HandoffFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    roles = READERS | dict.fromkeys(("accept", "decline", "hand_back", "feedback"), EVERYBODY)

    def get_queryset(self) -> QuerySet[Handoff]:
        return Handoff.objects.visible_to(self.request.user).select_related(
            "lead", "rep__user", "team", "policy", "qualification"
        )

    def _answered(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], filterset_class=None)
    def accept(self, request: Request, public_id: str) -> Response:
        answering.accept(self.get_object(), now=clock.now(), by=request.user)
        return self._answered()

    @extend_schema(request=shapes.ReasonSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def decline(self, request: Request, public_id: str) -> Response:
        reason = _valid(shapes.ReasonSerializer, request)["reason"]
        answering.reject(self.get_object(), reason, now=clock.now(), by=request.user)
        return self._answered()

    @extend_schema(request=shapes.ReasonSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="hand-back")
    def hand_back(self, request: Request, public_id: str) -> Response:
        reason = _valid(shapes.ReasonSerializer, request)["reason"]
        answering.hand_back(self.get_object(), reason, now=clock.now(), by=request.user)
        return self._answered()

    @extend_schema(request=shapes.FeedbackWriteSerializer, responses={201: shapes.FeedbackSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def feedback(self, request: Request, public_id: str) -> Response:
        """Did they buy, was the timing right. Sent again, it corrects the earlier answer, which stays on record."""
        values = _valid(shapes.FeedbackWriteSerializer, request)
        given: Any = feedback.give_feedback(self.get_object(), now=clock.now(), by=request.user, **values)
        given.is_corrected = False
        return Response(shapes.FeedbackSerializer(given).data, status=status.HTTP_201_CREATED)


class FeedbackViewSet(View, mixins.ListModelMixin):
    queryset = Feedback.objects.none()
    serializer_class = shapes.FeedbackSerializer
    filterset_class = filters.FeedbackFilter
    roles = {"list": EVERYBODY}

    def get_queryset(self) -> QuerySet[Feedback]:
        corrected = Feedback.objects.filter(corrects=OuterRef("pk"))
        visible = Handoff.objects.visible_to(self.request.user)
        rows = Feedback.objects.filter(handoff__in=visible).select_related("handoff", "by")
        return rows.annotate(is_corrected=Exists(corrected))


def _scores(leads: list[int]) -> dict[int, dict[str, Any]]:
    rows = LeadScore.objects.filter(model__state=ModelState.LIVE, lead_id__in=leads).values(
        "lead_id", "total", "fit", "engagement", "as_of", "model__hot_at", "model__cool_at"
    )
    return {row["lead_id"]: dict(row) for row in rows}


def _valid(shape: Any, request: Request) -> dict[str, Any]:
    """What the shape lists; a field it does not know is refused, so that nobody believes it was written."""
    if not isinstance(request.data, dict):
        raise ValidationError(_("must be an object"))
    given = shape(data=request.data)
    if unknown := sorted(set(request.data) - set(given.fields)):
        raise ValidationError({field: [_("there is no such field")] for field in unknown})
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _day(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        day = clock.parse_day(text)
    except ValueError as error:
        raise LeadqualError("bad_date", _("is not a date"), name) from error
    if day > clock.today():
        raise LeadqualError("out_of_range", _("What will be on a day to come is not known yet"), name)
    return day


def _check_events(events: list[Any], now: Any) -> None:
    if not 1 <= len(events) <= MOST_EVENTS:
        raise LeadqualError("out_of_range", _("send 1 to %d events") % MOST_EVENTS, "")
    for index, event in enumerate(events):
        place = f"[{index}]" if len(events) > 1 else ""
        if not isinstance(event, dict):
            raise LeadqualError("not_an_object", _("must be an object"), place)
        try:
            read_arrival(event, received_at=now)
        except LeadqualError as error:
            raise LeadqualError(error.code, error.message, f"{place}.{error.place}".strip(".")) from error

"""Costs: the same documents as the commands', read-only but for following a recommendation."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_requests import (
    answer_operation,
    describe_start,
    get_requester,
    make_stored_key,
    parse_dry_run,
)
from api.pagination import parse_count
from api.queries import StrictQueryMixin
from api.serializers import StrictSerializer, read_body
from api.versions import ETAG, compute_etag, refuse_changed
from domain.errors import InvalidValue
from domain.states import OperationKind
from finops.advice.documents import RecommendationSerializer, RecommendationsSerializer, WasteListSerializer
from finops.advice.findings import list_findings
from finops.advice.recommendations import (
    WINDOW_DAYS,
    describe_following,
    follow_recommendation,
    get_recommendation,
    list_recommendations,
)
from finops.calendar import TEXT, compute_month, parse_month
from finops.models import Interval
from finops.months.documents import CostLinesSerializer, MonthReportSerializer, TrendSerializer, make_report_document
from finops.months.reports import MonthReader, make_trend
from finops.pages.capacity_view import observe_places
from finops.pages.documents import CapacitySerializer
from finops.scenarios.comparison import AMOUNT, BOUNDS, PARAMETERS, compare, parse_asked
from finops.scenarios.documents import ComparisonSerializer
from operations.documents import DescriptionSerializer
from operations.models import Operation
from operations.permissions import SEE_COSTS, list_kind_permissions
from tenants.registry import get_tenant

MOST_DAYS = 400
MONTH = OpenApiParameter("month", {"type": "string", "pattern": f"^{TEXT.pattern}$"}, OpenApiParameter.PATH)
DAYS = OpenApiParameter("days", {"type": "integer", "minimum": 1, "maximum": MOST_DAYS}, description="The window.")


def describe_asked(name: str) -> dict[str, Any]:
    """Return the schema of a what-if's parameter."""
    if name in BOUNDS:
        least, most = BOUNDS[name]
        return {"type": "integer", "minimum": least, "maximum": most}
    return {"type": "string"} | ({"pattern": f"^{AMOUNT.pattern}$"} if name == "mysql_price" else {})


class NoParameters(StrictSerializer):
    """A request without parameters."""


class CostMonthViewSet(StrictQueryMixin, viewsets.GenericViewSet[Interval]):
    """Months of costs."""

    queryset = Interval.objects.none()
    permissions_required = {name: (SEE_COSTS,) for name in ("list", "retrieve", "lines")}
    pagination_class = None
    lookup_field = "month"
    lookup_value_regex = "[^/]+"

    def list_known_parameters(self) -> set[str]:
        """Return the names that the present action takes."""
        return {"tenant"} if self.action in ("list", "lines") else set()

    @extend_schema(
        description="The twelve months up to now, of all parishes or of one.",
        parameters=[OpenApiParameter("tenant", str, description="A sub-domain.")],
        responses=TrendSerializer,
    )
    def list(self, request: Request) -> Response:
        """Answer the trend."""
        now, tenant = timezone.now(), request.query_params.get("tenant")
        if tenant is not None:
            get_tenant(tenant)
        trend = make_trend(compute_month(now), MonthReader(now=now), tenant=tenant)
        return Response(TrendSerializer({"months": trend}).data)

    @extend_schema(description="What one month costs (2026-03).", parameters=[MONTH], responses=MonthReportSerializer)
    def retrieve(self, request: Request, month: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer the report of a month."""
        return Response(make_report_document(parse_month(month), now=timezone.now()))

    @extend_schema(
        description="Every line of a month, quantities beside money; of all parishes or of one.",
        parameters=[MONTH, OpenApiParameter("tenant", str, description="A sub-domain.")],
        responses=CostLinesSerializer,
    )
    @action(detail=True, methods=["get"])
    def lines(self, request: Request, month: str) -> Response:
        """Answer the lines of a month."""
        costs = MonthReader(now=timezone.now()).read(parse_month(month))
        tenant = request.query_params.get("tenant")
        lines = costs.lines if tenant is None else costs.select(tenant)
        return Response(CostLinesSerializer({"month": month, "lines": lines}).data)


class CapacityViewSet(StrictQueryMixin, viewsets.GenericViewSet[Interval]):
    """What engines have."""

    queryset = Interval.objects.none()
    permissions_required = {"list": (SEE_COSTS,)}
    pagination_class = None

    def list_known_parameters(self) -> set[str]:
        """Return the names that the present action takes."""
        return set()

    @extend_schema(description="How many more parishes fit, and what stops the next one.", responses=CapacitySerializer)
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer every engine that answers us."""
        return Response(CapacitySerializer({"engines": observe_places(now=timezone.now())}).data)


class RecommendationViewSet(StrictQueryMixin, viewsets.GenericViewSet[Operation]):
    """Sizes that would be enough."""

    queryset = Operation.objects.none()
    permissions_required = {
        "list": (SEE_COSTS,),
        "retrieve": (SEE_COSTS,),
        "apply": (SEE_COSTS, *list_kind_permissions(OperationKind.RESIZE)),
    }
    pagination_class = None
    lookup_field = "identifier"
    lookup_value_regex = "[^/]+"

    def list_known_parameters(self) -> set[str]:
        """Return the names that the present action takes."""
        return {"days"} if self.action in ("list", "retrieve") else super().list_known_parameters()

    @extend_schema(
        description="The advice for every instance, with its evidence.",
        parameters=[DAYS],
        responses=RecommendationsSerializer,
        filters=False,
    )
    def list(self, request: Request) -> Response:
        """Answer all advice."""
        recommendations = list_recommendations(now=timezone.now(), days=_read_days(request))
        return Response(RecommendationsSerializer({"recommendations": recommendations}).data)

    @extend_schema(
        description="The advice for one instance.", parameters=[DAYS, ETAG], responses=RecommendationSerializer
    )
    def retrieve(self, request: Request, identifier: str) -> Response:
        """Answer the advice for one instance."""
        recommendation = get_recommendation(identifier, now=timezone.now(), days=_read_days(request))
        document = RecommendationSerializer(recommendation).data
        return Response(document, headers={"ETag": compute_etag(document)})

    @describe_start(NoParameters, "Ask for the resize that follows the advice.")
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, identifier: str) -> Response:
        """Begin `resize` to a plan of the proposed sizes."""
        read_body(request, NoParameters)
        key, dry_run, now = make_stored_key(request), parse_dry_run(request), timezone.now()
        if key is not None:
            known = Operation.objects.filter(idempotency_key=key, kind=OperationKind.RESIZE, subject=identifier).first()
            # Once it has been followed there is nothing to recommend any more: what was begun is the answer.
            if known is not None and not dry_run:
                return answer_operation(known, replayed=True)
        advice = get_recommendation(identifier, now=now)
        refuse_changed(request, RecommendationSerializer(advice).data, what=identifier)
        if dry_run:
            return Response(DescriptionSerializer(describe_following(advice)).data)
        requester = get_requester(request)
        return answer_operation(follow_recommendation(advice, requested_by=requester, now=now, idempotency_key=key))


class FindingViewSet(StrictQueryMixin, viewsets.GenericViewSet[Interval]):
    """What is paid for and no longer used."""

    queryset = Interval.objects.none()
    permissions_required = {"list": (SEE_COSTS,)}
    pagination_class = None

    def list_known_parameters(self) -> set[str]:
        """Return the names that the present action takes."""
        return set()

    @extend_schema(
        description="Reserved and idle, kept and forgotten, each with its cost.", responses=WasteListSerializer
    )
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer every finding."""
        return Response(WasteListSerializer({"findings": list_findings(now=timezone.now())}).data)


class WhatIfViewSet(StrictQueryMixin, viewsets.GenericViewSet[Interval]):
    """What a month would cost if."""

    queryset = Interval.objects.none()
    permissions_required = {"list": (SEE_COSTS,)}
    pagination_class = None

    def list_known_parameters(self) -> set[str]:
        """Return the names that the present action takes."""
        return set(PARAMETERS)

    @extend_schema(
        description="A month of the fleet as it is now, and with one thing changed, side by side.",
        parameters=[
            OpenApiParameter(name, describe_asked(name), description=text) for name, text in PARAMETERS.items()
        ],
        responses=ComparisonSerializer,
    )
    def list(self, request: Request) -> Response:
        """Answer the comparison."""
        comparison = compare(parse_asked(request.query_params.dict()), now=timezone.now())
        return Response(ComparisonSerializer(comparison).data)


def _read_days(request: Request) -> int:
    days = parse_count(request, "days", default=WINDOW_DAYS, minimum=1)
    if days > MOST_DAYS:
        raise InvalidValue(field="days", reason=f"1 … {MOST_DAYS}")
    return days

"""Problems that stand: listed, and acknowledged by whoever is at them."""

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_requests import get_requester
from api.queries import StrictQueryMixin
from api.serializers import StrictSerializer, TextField, read_body
from domain.errors import CiviparoisseError
from watch.acknowledgement import MOST_DAYS, MOST_REASON, acknowledge, revoke
from watch.catalogue import list_choices
from watch.documents import ProblemSerializer, get_problem, list_problems
from watch.models import LEVELS, Problem

SEE, CHANGE = "watch.view_problem", "watch.change_problem"


class ProblemFilter(filters.FilterSet):
    """What narrows the list."""

    tenant = filters.CharFilter()
    check = filters.ChoiceFilter(field_name="check_code", choices=[(code, code) for code, _label in list_choices()])
    level = filters.ChoiceFilter(choices=LEVELS)

    class Meta:
        model = Problem
        fields = ("tenant", "check", "level")


class AcknowledgementBody(StrictSerializer):
    """For how many days nobody is reminded, and what is done about it."""

    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS)
    reason = TextField(max_length=MOST_REASON)


class ProblemViewSet(StrictQueryMixin, viewsets.GenericViewSet[Problem]):
    """Problems that stand, the worst and oldest first."""

    queryset = Problem.objects.none()
    permissions_required = {"list": (SEE,), "retrieve": (SEE,), "acknowledge": (CHANGE,), "revoke": (CHANGE,)}
    serializer_class = ProblemSerializer
    filterset_class = ProblemFilter
    lookup_field = "pk"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Problem]:
        """Return what stands."""
        return list_problems()

    @extend_schema(
        description="Problems that stand, the worst and oldest first.", responses=ProblemSerializer(many=True)
    )
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of problems."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ProblemSerializer(page or [], many=True).data)

    @extend_schema(description="One problem, ended ones too.", responses=ProblemSerializer)
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - the name in the address
        """Answer one problem."""
        return Response(ProblemSerializer(_find(id)).data)

    @extend_schema(
        description="Say that somebody is at it: nobody is reminded of it for some days.",
        request=AcknowledgementBody,
        responses=ProblemSerializer,
    )
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        """Record who is at it."""
        asked = read_body(request, AcknowledgementBody)
        problem = acknowledge(_find(id), **asked, by=get_requester(request), now=timezone.now())
        return Response(ProblemSerializer(problem).data)

    @extend_schema(description="Remind everybody of it again.", request=None, responses=ProblemSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - the name in the address
        """Take an acknowledgement back."""
        return Response(ProblemSerializer(revoke(_find(id))).data)


def _find(text: str) -> Problem:
    """Return the problem of an address. Raise CiviparoisseError `problem_unknown`, for what is no number too."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise CiviparoisseError("problem_unknown", problem=text)
    return get_problem(int(text))

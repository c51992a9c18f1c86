"""Backup policies: how often, what, how long; and what one would do to the sets of an instance."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_requests import get_requester
from api.queries import StrictQueryMixin
from api.serializers import StrictSerializer, TextField, read_body
from api.versions import ETAG, IF_MATCH, compute_etag, refuse_changed
from backups.choices import BackupFrequency, BackupMode, BackupScope
from backups.documents import PolicySerializer
from backups.models import BackupPolicy
from backups.policies import create_policy, get_policy, update_policy
from backups.policy_rules import MOST_COPIES, MOST_DAYS, MOST_SETS
from domain.schedules import BACKUP_HOURS


def _count(most: int, least: int = 0, **options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=least, max_value=most, required=False, **options)


class PolicyChangeBody(StrictSerializer):
    """What may be changed; what is absent keeps its value. The model judges how the values go together."""

    label = TextField(max_length=120, required=False)
    frequency = serializers.ChoiceField(choices=BackupFrequency.values, required=False)
    weekdays = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=7), required=False)
    month_day = _count(27, 1, allow_null=True)
    hours = serializers.ListField(child=serializers.ChoiceField(choices=BACKUP_HOURS), required=False)
    scope = serializers.ChoiceField(choices=BackupScope.values, required=False)
    mode = serializers.ChoiceField(choices=BackupMode.values, required=False)
    codec = serializers.ChoiceField(choices=["", "gzip", "zstd"], required=False)
    keep_last = _count(MOST_SETS)
    keep_daily = _count(MOST_SETS)
    keep_weekly = _count(MOST_SETS)
    keep_monthly = _count(MOST_SETS)
    keep_yearly = _count(MOST_SETS)
    keep_within_days = _count(MOST_DAYS)
    safety_days = _count(MOST_DAYS, 1)
    final_days = _count(MOST_DAYS, 1)
    warning_hours = _count(MOST_DAYS * 24, 1, allow_null=True)
    critical_hours = _count(MOST_DAYS * 24, 1, allow_null=True)
    proof_days = _count(MOST_DAYS)
    copies_wanted = _count(MOST_COPIES)


class PolicyBody(PolicyChangeBody):
    """A policy to record."""

    name = TextField(max_length=40)
    label = TextField(max_length=120)


class PolicyViewSet(StrictQueryMixin, viewsets.GenericViewSet[BackupPolicy]):
    """Backup policies, by name."""

    of_no_parish = True
    permissions_required = {
        "list": ("backups.view_backuppolicy",),
        "retrieve": ("backups.view_backuppolicy",),
        "create": ("backups.add_backuppolicy",),
        "partial_update": ("backups.change_backuppolicy",),
        "destroy": ("backups.delete_backuppolicy",),
    }
    queryset = BackupPolicy.objects.all()
    serializer_class = PolicySerializer
    lookup_field = "name"
    lookup_value_regex = "[^/]+"

    @extend_schema(description="Backup policies, by name.", responses=PolicySerializer(many=True))
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of policies."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(PolicySerializer(page or [], many=True).data)

    @extend_schema(description="One backup policy.", responses=PolicySerializer, parameters=[ETAG])
    def retrieve(self, request: Request, name: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer one policy, with the ETag that a change may name."""
        return _answer(get_policy(name))

    @extend_schema(
        description="Record a backup policy.",
        request=PolicyBody,
        responses={201: PolicySerializer},
        parameters=[OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201]), ETAG],
    )
    def create(self, request: Request) -> Response:
        """Record a policy."""
        policy = create_policy(read_body(request, PolicyBody), requested_by=get_requester(request))
        answer = _answer(policy, status.HTTP_201_CREATED)
        answer["Location"] = reverse("policy-detail", args=[policy.name])
        return answer

    @extend_schema(
        description="Change a backup policy. What it lets go from then on is removed by itself.",
        request=PolicyChangeBody,
        responses=PolicySerializer,
        parameters=[IF_MATCH, ETAG],
    )
    def partial_update(self, request: Request, name: str) -> Response:
        """Change a policy."""
        with transaction.atomic():
            policy = self._lock(request, name)
            policy = update_policy(policy, read_body(request, PolicyChangeBody), requested_by=get_requester(request))
        return _answer(policy)

    @extend_schema(description="Delete a policy that nothing uses.", responses={204: None}, parameters=[IF_MATCH])
    def destroy(self, request: Request, name: str) -> Response:
        """Delete a policy."""
        with transaction.atomic():
            self._lock(request, name).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _lock(self, request: Request, name: str) -> BackupPolicy:
        policy = BackupPolicy.objects.select_for_update().get(pk=get_policy(name).pk)
        refuse_changed(request, PolicySerializer(policy).data, what=policy.name)
        return policy


def _answer(policy: BackupPolicy, code: int = status.HTTP_200_OK) -> Response:
    document = PolicySerializer(policy).data
    return Response(document, code, headers={"ETag": compute_etag(document)})

"""What becomes of the sets of an instance, its policy, and pins."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_requests import get_requester
from api.serializers import StrictSerializer, TextField, read_body
from backups.documents import BackupSerializer, RetentionSerializer
from backups.pins import pin_backup, unpin_backup
from backups.policies import choose_policy, find_policy, get_policy
from backups.policy_rules import COUNTS, MOST_COUNTS
from backups.retention import make_thought_policy, preview_retention
from backups.selectors import get_backup
from domain.errors import InvalidValue
from operations.selectors import get_instance


class ChoiceBody(StrictSerializer):
    """`policy`: a name; empty for the default of the instance's kind."""

    policy = TextField(max_length=40, allow_blank=True)


class PinBody(StrictSerializer):
    """Why the set is kept; `until`: for ever unless given."""

    reason = TextField(max_length=200)
    until = serializers.DateTimeField(required=False, allow_null=True)


class RetentionActions:
    """Actions of an instance about what becomes of its sets."""

    @extend_schema(
        description="What becomes of each set: by the instance's policy, by another one, or by counts only thought of.",
        responses=RetentionSerializer,
        parameters=[
            OpenApiParameter("policy", str, description="Name of the policy that is thought of."),
            *(
                OpenApiParameter(name, {"type": "integer", "minimum": 0, "maximum": most}, description="Thought of.")
                for name, most in MOST_COUNTS.items()
            ),
        ],
    )
    @action(detail=True, url_path="retention", url_name="retention")
    def show_retention(self, request: Request, identifier: str) -> Response:
        """Answer the fate of each set."""
        instance = get_instance(identifier)
        policy = find_policy(instance)
        if "policy" in request.query_params:
            policy = get_policy(request.query_params["policy"])
        counts = {
            name: _read_count(name, request.query_params[name]) for name in COUNTS if name in request.query_params
        }
        if counts:
            policy = make_thought_policy(policy, counts)
        fates = preview_retention(instance, policy, now=timezone.now())
        shown = {"instance": instance.identifier, "policy": policy.name, "sets": fates}
        return Response(RetentionSerializer(shown).data)

    show_retention.query_parameters = {"policy", *COUNTS}  # type: ignore[attr-defined]

    @extend_schema(
        description="Give the instance a backup policy of its own, or the default of its kind.",
        request=ChoiceBody,
        responses=RetentionSerializer,
    )
    @action(detail=True, methods=["post"], url_path="policy", url_name="policy")
    def choose_policy(self, request: Request, identifier: str) -> Response:
        """Choose the policy, and answer what becomes of each set by it."""
        instance = get_instance(identifier)
        name = read_body(request, ChoiceBody)["policy"]
        choose_policy(instance, get_policy(name) if name else None, requested_by=get_requester(request))
        fates = preview_retention(instance, now=timezone.now())
        shown = {"instance": identifier, "policy": find_policy(instance).name, "sets": fates}
        return Response(RetentionSerializer(shown).data)


RETENTION_PERMISSIONS: dict[str, tuple[str, ...]] = {
    "show_retention": ("tenants.view_instance", "backups.view_backup"),
    "choose_policy": ("tenants.view_instance", "backups.change_instancepolicy"),
}


class PinActions:
    """Actions of a backup about whether a person keeps it."""

    @extend_schema(description="Keep a set, whatever its policy.", request=PinBody, responses=BackupSerializer)
    @action(detail=True, methods=["post"], url_path="pin", url_name="pin")
    def pin(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        """Pin a set."""
        asked: dict[str, Any] = read_body(request, PinBody)
        pinned = pin_backup(
            get_backup(id),
            reason=asked["reason"],
            until=asked.get("until"),
            requested_by=get_requester(request),
            now=timezone.now(),
        )
        return Response(BackupSerializer(pinned).data)

    @extend_schema(description="Let the policy decide again.", request=None, responses=BackupSerializer)
    @action(detail=True, methods=["post"], url_path="unpin", url_name="unpin")
    def unpin(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        """Unpin a set."""
        read_body(request, StrictSerializer)
        return Response(BackupSerializer(unpin_backup(get_backup(id), requested_by=get_requester(request))).data)


def _read_count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise InvalidValue(field=name, reason=_("give a whole number from 0 on."))
    return int(text)

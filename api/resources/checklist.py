"""The production checklist of backups: what is answered with yes or no, for all and for each parish."""

from django.utils import timezone
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from api.queries import StrictQueryMixin
from backups.checklist import answer_checklist, answer_for_all, checklist_as_dict, is_all_met
from backups.models import Backup
from civiparoisse.document_fields import Document


class AnswerSerializer(Document):
    """One question and its answer. `instance`: null for the whole installation; `code` names the question."""

    instance = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    question = serializers.CharField()
    met = serializers.BooleanField()
    detail = serializers.CharField()


class ChecklistSerializer(Document):
    """`met`: every question is answered with yes."""

    met = serializers.BooleanField()
    answers = AnswerSerializer(many=True)


class ChecklistViewSet(StrictQueryMixin, viewsets.GenericViewSet[Backup]):
    """The production checklist."""

    queryset = Backup.objects.none()
    pagination_class = None
    permissions_required = {"list": ("backups.view_backup", "tenants.view_instance")}

    @extend_schema(
        description="The production checklist, answered from what is known now.",
        responses=forced_singular_serializer(ChecklistSerializer),
        parameters=[OpenApiParameter("tenant", str, description="The sub-domain of one parish.")],
    )
    def list(self, request: Request) -> Response:
        """Answer the list; of one parish alone with `tenant`."""
        tenant, now = request.query_params.get("tenant"), timezone.now()
        answers = answer_checklist(tenant=tenant, now=now)
        for_all = [] if tenant else answer_for_all(now=now)
        met = bool(answers) and is_all_met(answers, for_all)
        return Response({"met": met, "answers": checklist_as_dict(answers, for_all)})

    def list_known_parameters(self) -> set[str]:
        """Return the names that the list takes."""
        return {"tenant"}

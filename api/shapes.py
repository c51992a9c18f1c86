"""Shapes of answers that selectors make as dicts, for the schema and for nothing else."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backups.models import BackupMode, BackupReason, BackupScope, BackupState, ProofOutcome
from domain.states import OperationState, StepPhase, StepState
from operations.registry import list_kinds

OBJECT = {"type": "object", "additionalProperties": {}}
Shape = serializers.Serializer[Any]


@extend_schema_field(OBJECT)
class ObjectField(serializers.JSONField):
    """Any JSON object."""


class KindField(serializers.ChoiceField):
    """The code of a kind of operation: of those that are registered when it is asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[kind.code for kind in list_kinds()], **options)


class StoredErrorSerializer(Shape):
    """Why something failed; the texts follow Accept-Language."""

    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField()
    params = ObjectField()


class StepSerializer(Shape):
    """One step of an operation."""

    name = serializers.CharField()
    label = serializers.CharField()
    phase = serializers.ChoiceField(choices=[phase.value for phase in StepPhase])
    state = serializers.ChoiceField(choices=[state.value for state in StepState])
    progress = serializers.IntegerField(min_value=0, max_value=100)
    message = serializers.CharField()
    attempt = serializers.IntegerField()
    error = StoredErrorSerializer(allow_null=True)
    result = ObjectField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class OperationSerializer(Shape):
    """One requested change of one instance."""

    id = serializers.CharField()
    kind = KindField()
    instance = serializers.CharField()
    state = serializers.ChoiceField(choices=[state.value for state in OperationState])
    progress = serializers.IntegerField(min_value=0, max_value=100)
    message = serializers.CharField()
    cancel_requested = serializers.BooleanField()
    requested_by = serializers.CharField()
    parameters = ObjectField()
    steps = StepSerializer(many=True)
    error = StoredErrorSerializer(allow_null=True)
    result = ObjectField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    next_run_at = serializers.DateTimeField(allow_null=True)


class EventSerializer(Shape):
    """A line of an operation's log, in English, for operators."""

    at = serializers.DateTimeField()
    level = serializers.ChoiceField(choices=["info", "warning", "error"])
    step = serializers.CharField()
    message = serializers.CharField()


class OperationDetailSerializer(OperationSerializer):
    """An operation with its log; `events`: the last ones, oldest first."""

    events = EventSerializer(many=True)


class DescriptionSerializer(Shape):
    """What an operation would do."""

    kind = KindField()
    instance = serializers.CharField()
    parameters = ObjectField()
    sentences = serializers.ListField(child=serializers.CharField())
    steps = serializers.ListField(child=serializers.CharField())


class ProofSerializer(Shape):
    """What the last proof of a set by restoring it found. `source`: "volume", or the destination of its copy; figures:
    counts, `seconds` by step, `restore_seconds`."""

    outcome = serializers.ChoiceField(choices=ProofOutcome.values)
    source = serializers.CharField()
    operation = serializers.CharField(allow_null=True)
    ended_at = serializers.DateTimeField()
    figures = serializers.DictField()
    problems = StoredErrorSerializer(many=True)


class BackupSerializer(Shape):
    """One backup set; sizes in bytes."""

    id = serializers.CharField()
    tenant = serializers.CharField()
    instance = serializers.CharField()
    operation = serializers.CharField(allow_null=True)
    scope = serializers.ChoiceField(choices=BackupScope.values)
    mode = serializers.ChoiceField(choices=BackupMode.values)
    codec = serializers.CharField()
    reason = serializers.ChoiceField(choices=BackupReason.values)
    state = serializers.ChoiceField(choices=BackupState.values)
    stored_bytes = serializers.IntegerField(allow_null=True)
    plain_bytes = serializers.IntegerField(allow_null=True)
    rows = serializers.IntegerField(allow_null=True)
    tables = serializers.IntegerField(allow_null=True)
    files = serializers.IntegerField(allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField())
    manifest_sha256 = serializers.CharField(allow_null=True)
    duration_seconds = serializers.FloatField(allow_null=True)
    error = StoredErrorSerializer(allow_null=True)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    proven_at = serializers.DateTimeField(allow_null=True)
    proof = ProofSerializer(allow_null=True)
    pinned_at = serializers.DateTimeField(allow_null=True)
    pinned_until = serializers.DateTimeField(allow_null=True)
    pinned_by = serializers.CharField()
    pin_reason = serializers.CharField()
    volume_bytes = serializers.IntegerField(allow_null=True)
    free_bytes = serializers.IntegerField(allow_null=True)
    deleted_at = serializers.DateTimeField(allow_null=True)

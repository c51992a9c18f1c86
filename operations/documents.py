"""Operations as documents for the doors (REST, --json): texts in the active language."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from civiparoisse.document_fields import Document, ObjectField, TimeField
from domain.finding_texts import render_finding
from domain.findings import Level
from domain.states import OperationState, StepPhase, StepState
from domain.words import word_progress
from operations.models import Operation, OperationStep
from operations.registry import list_kinds
from operations.selectors import get_step_label, make_error

# A long operation writes a line per event; its log on the server has all of them.
EVENTS_SHOWN = 500
LEVELS = [level.value for level in Level]


class KindField(serializers.ChoiceField):
    """The code of a kind of operation: of those that are registered when it is asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[kind.code for kind in list_kinds()], **options)


class ProgressTextField(serializers.CharField):
    """How far a program or an engine is, in the active language where its words are known."""

    def to_representation(self, value: str) -> str:
        """Return the words."""
        return word_progress(value)


class StoredErrorSerializer(Document):
    """Why something failed; the texts follow Accept-Language."""

    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField()
    params = ObjectField()

    def to_representation(self, instance: Any) -> Any:
        """Return the error of a row with `error_code` and `error_params`, or of {"code", "params"}; None if none."""
        if isinstance(instance, dict):
            error = make_error(instance["code"], instance["params"])
        else:
            error = make_error(instance.error_code, instance.error_params)
        return None if error is None else super().to_representation(error)


class FindingSerializer(Document):
    """One fact that a check found; the texts follow Accept-Language."""

    code = serializers.CharField()
    level = serializers.ChoiceField(choices=LEVELS)
    params = ObjectField()
    message = serializers.CharField()
    hint = serializers.CharField()

    def word(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the parameters as the texts take them."""
        return params

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Return a finding as it is kept ({"code", "level", "params"}) with its texts."""
        message, hint = render_finding(instance["code"], self.word(instance["params"]))
        return super().to_representation({**instance, "message": message, "hint": hint})


class StepSerializer(Document):
    """One step of an operation."""

    name = serializers.CharField()
    label = serializers.SerializerMethodField()  # type: ignore[assignment]  # DRF has an attribute of that name
    phase = serializers.ChoiceField(choices=[phase.value for phase in StepPhase])
    state = serializers.ChoiceField(choices=[state.value for state in StepState])
    progress = serializers.IntegerField(min_value=0, max_value=100)
    message = ProgressTextField()
    attempt = serializers.IntegerField()
    error = StoredErrorSerializer(source="*", allow_null=True)
    result = ObjectField()
    started_at = TimeField(allow_null=True)
    ended_at = TimeField(allow_null=True)

    def get_label(self, step: OperationStep) -> str:
        """Return what the step does."""
        return get_step_label(step.operation, step)


class OperationSerializer(Document):
    """One requested change of one instance."""

    id = serializers.CharField(source="public_id")
    kind = KindField()
    instance = serializers.CharField(source="subject")
    state = serializers.ChoiceField(choices=[state.value for state in OperationState])
    progress = serializers.IntegerField(min_value=0, max_value=100)
    message = ProgressTextField()
    cancel_requested = serializers.BooleanField()
    requested_by = serializers.CharField()
    parameters = ObjectField()
    steps = StepSerializer(many=True)
    error = StoredErrorSerializer(source="*", allow_null=True)
    result = ObjectField()
    created_at = TimeField()
    started_at = TimeField(allow_null=True)
    ended_at = TimeField(allow_null=True)
    next_run_at = TimeField(allow_null=True)


class EventSerializer(Document):
    """A line of an operation's log, in English, for operators."""

    at = TimeField()
    level = serializers.ChoiceField(choices=["info", "warning", "error"])
    step = serializers.CharField()
    message = serializers.CharField()


class OperationDetailSerializer(OperationSerializer):
    """An operation with its log; `events`: the last ones, oldest first."""

    events = serializers.SerializerMethodField()

    @extend_schema_field(EventSerializer(many=True))
    def get_events(self, operation: Operation) -> list[Any]:
        """Return the last `EVENTS_SHOWN` lines."""
        last = operation.events.order_by("-pk")[:EVENTS_SHOWN]
        return list(EventSerializer(reversed(last), many=True).data)


class DescriptionSerializer(Document):
    """What an operation would do."""

    kind = KindField()
    instance = serializers.CharField()
    parameters = ObjectField()
    sentences = serializers.ListField(child=serializers.CharField())
    steps = serializers.ListField(child=serializers.CharField())

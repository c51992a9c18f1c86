"""What-if as a document for the doors (REST, --json): money as texts, to the cent."""

from decimal import Decimal

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from civiparoisse.document_fields import AmountByNameField, AmountField, Document, TextByNameField
from finops.prices.rounding import round_to_cent
from finops.scenarios.whatif import Outcome, Question


class CentField(AmountField):
    """An amount, rounded to the cent."""

    def to_representation(self, value: Decimal) -> str:
        """Return the text."""
        return super().to_representation(round_to_cent(value))


class CentByNameField(AmountByNameField):
    """Amounts by name, rounded to the cent."""

    child = CentField()


class OutcomeSerializer(Document):
    """What a month costs then. `nodes`: how many hold it, null where prices name no single pool."""

    total = CentField()
    difference = serializers.SerializerMethodField()
    idle = CentField()
    cpu_millicores = serializers.IntegerField(source="reserved.cpu_millicores")
    memory_bytes = serializers.IntegerField(source="reserved.memory_bytes")
    nodes = serializers.IntegerField(allow_null=True)
    parishes = CentByNameField(source="by_tenant")

    @extend_schema_field(AmountField())
    def get_difference(self, outcome: Outcome) -> str:
        """Return how much more it is than now, of the rounded totals, so that the figures shown add up."""
        before = self.root.instance.now  # type: ignore[union-attr]
        return f"{round_to_cent(outcome.total) - round_to_cent(before.total):f}"


class ScenarioErrorSerializer(Document):
    """Why a scenario could not be priced."""

    code = serializers.CharField()
    message = serializers.CharField()


class ScenarioSerializer(Document):
    """One question on the fleet; exactly one of `outcome` and `error` is null."""

    question = serializers.ChoiceField(choices=[question.value for question in Question])
    parameters = TextByNameField()
    error = ScenarioErrorSerializer(allow_null=True)
    outcome = OutcomeSerializer(allow_null=True)


@extend_schema_serializer(many=False)
class ComparisonSerializer(Document):
    """The fleet as it is now and every scenario beside it."""

    currency = serializers.CharField()
    now = OutcomeSerializer()
    scenarios = ScenarioSerializer(many=True)

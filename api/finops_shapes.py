"""Shapes of the answers about costs, for the schema and for nothing else. Money is text: a float is no amount."""

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from api.shapes import Shape
from domain.capacity import Binding
from finops.advice.rightsizing import Reason
from finops.advice.waste import Finding
from finops.prices.pricing import CostKind
from finops.scenarios.whatif import Question

AMOUNT = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
AMOUNT_BY_NAME = {"type": "object", "additionalProperties": AMOUNT}


@extend_schema_field(AMOUNT)
class AmountField(serializers.CharField):
    """An exact decimal number."""


@extend_schema_field(AMOUNT_BY_NAME)
class AmountByNameField(serializers.JSONField):
    """Amounts by name."""


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class TextByNameField(serializers.JSONField):
    """Texts by name."""


class AmountsSerializer(Shape):
    """CPU in millicores, memory in bytes."""

    cpu_millicores = serializers.IntegerField()
    memory_bytes = serializers.IntegerField()


class ParishCostsSerializer(Shape):
    """One parish in one month. `groups`: by part of the bill."""

    tenant = serializers.CharField()
    name = serializers.CharField()
    total = AmountField()
    previous = AmountField(allow_null=True)
    budget = AmountField(allow_null=True)
    groups = AmountByNameField()


class ForecastSerializer(Shape):
    """What the month will have cost at its end."""

    bill = AmountField()
    parishes = AmountByNameField()


class MonthReportSerializer(Shape):
    """One month: parishes, idle and overhead add up to the bill. `forecast`: while the month lasts."""

    month = serializers.CharField()
    hours = serializers.IntegerField()
    counted_until = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    currency = serializers.CharField()
    vat_included = serializers.BooleanField()
    bill = AmountField()
    previous = AmountField(allow_null=True)
    budget = AmountField(allow_null=True)
    idle = AmountField()
    overhead = AmountField()
    invoice_total = AmountField(allow_null=True)
    factor = AmountField(allow_null=True)
    forecast = ForecastSerializer(allow_null=True)
    groups = AmountByNameField()
    parishes = ParishCostsSerializer(many=True)


class TrendMonthSerializer(Shape):
    """One month of twelve. `total`, `groups`: null where there are no prices, which is not a cost of 0."""

    month = serializers.CharField()
    is_closed = serializers.BooleanField()
    total = AmountField(allow_null=True)
    groups = AmountByNameField(allow_null=True)


@extend_schema_serializer(many=False)
class TrendSerializer(Shape):
    """The twelve months up to now."""

    months = TrendMonthSerializer(many=True)


class CostLineSerializer(Shape):
    """One line of a month's cost; `exact`: before rounding to the cent."""

    tenant = serializers.CharField()
    instance = serializers.CharField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in CostKind])
    component = serializers.CharField()
    storage_class = serializers.CharField()
    quantity = AmountField()
    unit = serializers.CharField()
    exact = AmountField()
    amount = AmountField()
    price_sheet = serializers.IntegerField()


class CostLinesSerializer(Shape):
    """Every line of a month."""

    month = serializers.CharField()
    lines = CostLineSerializer(many=True)


class NodeSerializer(Shape):
    """A node and what more fits on it."""

    name = serializers.CharField()
    schedulable = serializers.BooleanField()
    allocatable = AmountsSerializer()
    free = AmountsSerializer()
    instances = serializers.IntegerField()
    more_instances = serializers.IntegerField()


class PlaceSerializer(Shape):
    """An engine. `used`: measured today, null where nobody measured."""

    engine = serializers.CharField()
    more_instances = serializers.IntegerField(allow_null=True)
    bound_by = serializers.ChoiceField(choices=[binding.value for binding in Binding], allow_null=True)
    allocatable = AmountsSerializer()
    reserved = AmountsSerializer()
    used = AmountsSerializer(allow_null=True)
    nodes = NodeSerializer(many=True)


@extend_schema_serializer(many=False)
class CapacitySerializer(Shape):
    """Every engine that answers."""

    engines = PlaceSerializer(many=True)


class SizesSerializer(Shape):
    """Request and limit of a container."""

    cpu_request_millicores = serializers.IntegerField()
    cpu_limit_millicores = serializers.IntegerField()
    memory_request_bytes = serializers.IntegerField()
    memory_limit_bytes = serializers.IntegerField()


class EvidenceSerializer(Shape):
    """What was measured: samples, worst day's 95th percentile, highest sample."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    days = serializers.IntegerField()
    points = serializers.IntegerField()
    cpu_p95 = serializers.IntegerField()
    cpu_peak = serializers.IntegerField()
    memory_p95 = serializers.IntegerField()
    memory_peak = serializers.IntegerField()


class ContainerAdviceSerializer(Shape):
    """One container: what it has, what would be enough, why."""

    container = serializers.CharField()
    current = SizesSerializer()
    proposed = SizesSerializer()
    reasons = serializers.ListField(child=serializers.ChoiceField(choices=[reason.value for reason in Reason]))
    evidence = EvidenceSerializer(allow_null=True)


class RecommendationSerializer(Shape):
    """The advice for one instance; `saving`, `waste`: per month, null without prices."""

    instance = serializers.CharField()
    tenant = serializers.CharField()
    plan = serializers.CharField()
    is_change = serializers.BooleanField()
    is_raise = serializers.BooleanField()
    saving = AmountField(allow_null=True)
    waste = AmountField(allow_null=True)
    currency = serializers.CharField()
    containers = ContainerAdviceSerializer(many=True)


@extend_schema_serializer(many=False)
class RecommendationsSerializer(Shape):
    """The advice for every instance, the largest saving first."""

    recommendations = RecommendationSerializer(many=True)


class WasteSerializer(Shape):
    """Something paid for and no longer used. `answer`: the operation that ends it, null when nothing of ours would be
    right; `command`: what to type against it, or to learn more; `cost`: per month. Of an idle one `login_at` and
    `visited_at`: nobody logged in or visited after them, null where that is not known."""

    finding = serializers.ChoiceField(choices=[finding.value for finding in Finding])
    name = serializers.CharField()
    engine = serializers.CharField()
    instance = serializers.CharField()
    tenant = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    login_at = serializers.DateTimeField(allow_null=True)
    visited_at = serializers.DateTimeField(allow_null=True)
    count = serializers.IntegerField()
    cpu_millicores = serializers.IntegerField()
    memory_bytes = serializers.IntegerField()
    storage_bytes = serializers.IntegerField()
    backup_bytes = serializers.IntegerField()
    answer = serializers.CharField(allow_null=True)
    command = serializers.CharField()
    cost = AmountField(allow_null=True)
    currency = serializers.CharField()


@extend_schema_serializer(many=False)
class WasteListSerializer(Shape):
    """Every finding, the dearest first."""

    findings = WasteSerializer(many=True)


class OutcomeSerializer(Shape):
    """What a month costs then. `nodes`: how many hold it, null where prices name no single pool."""

    total = AmountField()
    difference = AmountField()
    idle = AmountField()
    cpu_millicores = serializers.IntegerField()
    memory_bytes = serializers.IntegerField()
    nodes = serializers.IntegerField(allow_null=True)
    parishes = AmountByNameField()


class ScenarioErrorSerializer(Shape):
    """Why a scenario could not be priced."""

    code = serializers.CharField()
    message = serializers.CharField()


class ScenarioSerializer(Shape):
    """One question on the fleet; exactly one of `outcome` and `error` is null."""

    question = serializers.ChoiceField(choices=[question.value for question in Question])
    parameters = TextByNameField()
    error = ScenarioErrorSerializer(allow_null=True)
    outcome = OutcomeSerializer(allow_null=True)


@extend_schema_serializer(many=False)
class ComparisonSerializer(Shape):
    """The fleet as it is now and every scenario beside it."""

    currency = serializers.CharField()
    now = OutcomeSerializer()
    scenarios = ScenarioSerializer(many=True)

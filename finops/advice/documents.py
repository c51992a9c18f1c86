"""Advice as documents for the doors (REST, --json): sizes that would be enough, and what is paid and not used."""

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from civiparoisse.document_fields import AmountField, Document, TimeField
from finops.advice.findings import CostedWaste, make_command
from finops.advice.rightsizing import Reason
from finops.advice.waste import Finding


class SizesSerializer(Document):
    """Request and limit of a container."""

    cpu_request_millicores = serializers.IntegerField()
    cpu_limit_millicores = serializers.IntegerField()
    memory_request_bytes = serializers.IntegerField()
    memory_limit_bytes = serializers.IntegerField()


class EvidenceSerializer(Document):
    """What was measured: samples, worst day's 95th percentile, highest sample."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    days = serializers.IntegerField()
    points = serializers.IntegerField()
    cpu_p95 = serializers.IntegerField()
    cpu_peak = serializers.IntegerField()
    memory_p95 = serializers.IntegerField()
    memory_peak = serializers.IntegerField()


class ContainerAdviceSerializer(Document):
    """One container: what it has, what would be enough, why."""

    container = serializers.CharField()
    current = SizesSerializer()
    proposed = SizesSerializer()
    reasons = serializers.ListField(child=serializers.ChoiceField(choices=[reason.value for reason in Reason]))
    evidence = EvidenceSerializer(allow_null=True)


class RecommendationSerializer(Document):
    """The advice for one instance; `saving`, `waste`: per month, null without prices."""

    instance = serializers.CharField(source="instance.identifier")
    tenant = serializers.CharField(source="instance.tenant.slug")
    plan = serializers.CharField(source="instance.plan.name")
    is_change = serializers.BooleanField()
    is_raise = serializers.BooleanField()
    saving = AmountField(allow_null=True)
    waste = AmountField(allow_null=True)
    currency = serializers.CharField()
    containers = ContainerAdviceSerializer(many=True)


@extend_schema_serializer(many=False)
class RecommendationsSerializer(Document):
    """The advice for every instance, the largest saving first."""

    recommendations = RecommendationSerializer(many=True)


class WasteSerializer(Document):
    """Something paid for and no longer used. `answer`: the operation that ends it, null when nothing of ours would be
    right; `command`: what to type against it, or to learn more; `cost`: per month. Of an idle one `login_at` and
    `visited_at`: nobody logged in or visited after them, null where that is not known."""

    finding = serializers.ChoiceField(source="waste.finding", choices=[finding.value for finding in Finding])
    name = serializers.CharField(source="waste.name")
    engine = serializers.CharField(source="waste.engine")
    instance = serializers.CharField(source="waste.instance")
    tenant = serializers.CharField(source="waste.tenant")
    since = TimeField(source="waste.since", allow_null=True)
    login_at = TimeField(source="waste.quiet.logins", allow_null=True)
    visited_at = TimeField(source="waste.quiet.visits", allow_null=True)
    count = serializers.IntegerField(source="waste.count")
    cpu_millicores = serializers.IntegerField(source="waste.reserved.cpu_millicores")
    memory_bytes = serializers.IntegerField(source="waste.reserved.memory_bytes")
    storage_bytes = serializers.IntegerField(source="waste.storage_bytes")
    backup_bytes = serializers.IntegerField(source="waste.backup_bytes")
    answer = serializers.CharField(source="waste.answer", allow_null=True)
    command = serializers.SerializerMethodField()
    cost = AmountField(allow_null=True)
    currency = serializers.CharField()

    def get_command(self, finding: CostedWaste) -> str:
        """Return what to type."""
        return make_command(finding.waste)


@extend_schema_serializer(many=False)
class WasteListSerializer(Document):
    """Every finding, the dearest first."""

    findings = WasteSerializer(many=True)

"""Backups and policies as documents for the doors (REST, --json): texts in the active language, sizes in bytes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backups.choices import BackupMode, BackupReason, BackupScope, BackupState
from backups.models import Backup, BackupPolicy, ProofOutcome
from backups.retention import Fate
from backups.retention_texts import describe_fate, describe_reasons
from civiparoisse.document_fields import Document, TimeField
from operations.documents import StoredErrorSerializer


class ProofSerializer(Document):
    """What the last proof of a set by restoring it found. `source`: "volume", or the destination of its copy; figures:
    counts, `seconds` by step, `restore_seconds`."""

    outcome = serializers.ChoiceField(choices=ProofOutcome.values)
    source = serializers.CharField()  # type: ignore[assignment]  # DRF has an attribute of that name
    operation = serializers.CharField(source="operation.public_id", allow_null=True)
    ended_at = TimeField()
    figures = serializers.DictField()
    problems = StoredErrorSerializer(many=True)


class BackupSerializer(Document):
    """One backup set; sizes in bytes."""

    id = serializers.CharField(source="backup_id")
    tenant = serializers.CharField(source="instance.tenant.slug")
    instance = serializers.CharField(source="instance.identifier")
    operation = serializers.CharField(source="operation.public_id", allow_null=True)
    scope = serializers.ChoiceField(choices=BackupScope.values)
    mode = serializers.ChoiceField(choices=BackupMode.values)
    codec = serializers.CharField()
    reason = serializers.ChoiceField(choices=BackupReason.values)
    state = serializers.ChoiceField(choices=BackupState.values)
    stored_bytes = serializers.IntegerField(allow_null=True)
    plain_bytes = serializers.IntegerField(allow_null=True)
    rows = serializers.IntegerField(allow_null=True)
    tables = serializers.IntegerField(allow_null=True)
    files = serializers.IntegerField(source="members", allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField())
    manifest_sha256 = serializers.SerializerMethodField()
    duration_seconds = serializers.FloatField(allow_null=True)
    error = StoredErrorSerializer(source="*", allow_null=True)
    started_at = TimeField()
    ended_at = TimeField(allow_null=True)
    verified_at = TimeField(allow_null=True)
    proven_at = TimeField(allow_null=True)
    proof = serializers.SerializerMethodField()
    pinned_at = TimeField(allow_null=True)
    pinned_until = TimeField(allow_null=True)
    pinned_by = serializers.CharField()
    pin_reason = serializers.CharField()
    volume_bytes = serializers.IntegerField(allow_null=True)
    free_bytes = serializers.IntegerField(allow_null=True)
    deleted_at = TimeField(allow_null=True)

    def get_manifest_sha256(self, backup: Backup) -> str | None:
        """Return the sum of its manifest, None before there is one."""
        return backup.manifest_sha256 or None

    @extend_schema_field(ProofSerializer(allow_null=True))
    def get_proof(self, backup: Backup) -> Any:
        """Return the last proof, None without one."""
        reports = list(backup.proofs.all())
        return ProofSerializer(max(reports, key=lambda report: report.pk)).data if reports else None


class FateSerializer(Document):
    """What becomes of a set. `because`: codes of the reasons, `reasons`: the same in words; `goes_at`: when it goes if
    backups go on as planned, null for one that stays as far as can be foreseen."""

    id = serializers.CharField(source="decision.held.backup_id")
    started_at = TimeField(source="decision.held.started_at")
    scope = serializers.CharField(source="decision.held.scope")
    reason = serializers.CharField(source="decision.held.reason")
    good = serializers.BooleanField(source="decision.held.good")
    stored_bytes = serializers.IntegerField(source="decision.held.stored_bytes")
    keep = serializers.BooleanField(source="decision.keep")
    because = serializers.SerializerMethodField()
    goes_at = TimeField(allow_null=True)
    reasons = serializers.SerializerMethodField()
    sentence = serializers.SerializerMethodField()

    def get_because(self, fate: Fate) -> list[str]:
        """Return the codes of the reasons."""
        return [reason.why.value for reason in fate.decision.reasons]

    def get_reasons(self, fate: Fate) -> list[str]:
        """Return the reasons in words."""
        return describe_reasons(fate.decision)

    def get_sentence(self, fate: Fate) -> str:
        """Return it all in a sentence."""
        return describe_fate(fate.decision, fate.goes_at)


class RetentionSerializer(Document):
    """The sets of an instance, the oldest first, by `policy`."""

    instance = serializers.CharField()
    policy = serializers.CharField()
    sets = FateSerializer(many=True)


class PolicySerializer(serializers.ModelSerializer[BackupPolicy]):
    """A policy; `default_for`: the kinds of instance that have it by default; `instances`: those that chose it."""

    default_for = serializers.SerializerMethodField()
    instances = serializers.SerializerMethodField()
    weekdays = serializers.ListField(child=serializers.IntegerField())
    hours = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        model = BackupPolicy
        exclude = ("id",)

    def get_default_for(self, policy: BackupPolicy) -> list[str]:
        """Return the kinds of instance; none of a policy that is only thought of."""
        return sorted(policy.defaults.values_list("kind", flat=True)) if policy.pk else []

    def get_instances(self, policy: BackupPolicy) -> list[str]:
        """Return the identifiers; none of a policy that is only thought of."""
        return sorted(policy.instances.values_list("instance__identifier", flat=True)) if policy.pk else []

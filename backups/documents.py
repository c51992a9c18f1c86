"""Backups as documents for the doors (REST, --json): texts in the active language, sizes in bytes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backups.choices import BackupMode, BackupReason, BackupScope, BackupState
from backups.models import Backup, ProofOutcome
from civiparoisse.document_fields import Document, TimeField
from operations.documents import StoredErrorSerializer


class ProofSerializer(Document):
    """What the last proof of a set by restoring it found; figures: counts, `seconds` by step, `restore_seconds`."""

    outcome = serializers.ChoiceField(choices=ProofOutcome.values)
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

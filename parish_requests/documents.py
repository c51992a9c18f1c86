"""Requests, their records and the contacts of parishes as documents for the doors (REST, --json)."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from civiparoisse.document_fields import Document, ObjectField, TimeField
from offsite.documents import DownloadSerializer
from operations.documents import StoredErrorSerializer
from parish_requests.choices import ActorKind, Cause, RequestScope, RequestState, Wish
from parish_requests.models import ParishContact, RequestEvent, RestoreRequest
from parish_requests.outcomes import describe_outcome
from parish_requests.preview_documents import digest_preview
from parish_requests.preview_texts import describe_preview
from parish_requests.record import SEALED_KEY, find_record_break


class NameField(serializers.CharField):
    """A text that may be missing: null where it is empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, **options)

    def to_representation(self, value: Any) -> Any:
        """Return the text, None for an empty one."""
        return super().to_representation(value) or None


class ContactSerializer(Document):
    """A contact of a parish. `confirmed_at`: null until the address has answered a mail; until then it may not ask and
    is told nothing."""

    id = serializers.IntegerField(source="pk")
    tenant = serializers.CharField(source="tenant.slug")
    name = serializers.CharField()
    mail = serializers.CharField()
    may_ask = serializers.BooleanField()
    is_informed = serializers.BooleanField()
    confirmed_at = TimeField(allow_null=True)
    created_at = TimeField()
    created_by = NameField()


class ApprovalSerializer(Document):
    """Who approved a request as its preview is now."""

    by = serializers.CharField()
    at = TimeField()


class RequestSerializer(Document):
    """A request of a parish. `channel`, `entered_by`: how it was asked and who entered it, null where the parish asked
    itself. `preview_sha256`: names what it would change; an approval repeats it. `sandbox`: the copy made for it. Of
    a download: `recipient`, the asker's own public key, and `downloads`, each time that it was begun to be fetched;
    `expires_at` is then the end of the offer."""

    reference = serializers.CharField()
    tenant = serializers.CharField(source="tenant.slug")
    instance = serializers.CharField(source="instance.identifier")
    wish = serializers.ChoiceField(choices=Wish.choices)
    cause = serializers.ChoiceField(choices=Cause.choices)
    scope = serializers.ChoiceField(choices=RequestScope.choices)
    part = NameField()
    why = NameField()
    backup = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=RequestState.choices)
    asked_name = NameField()
    asked_mail = NameField()
    entered_by = NameField()
    channel = NameField()
    external_reference = NameField()
    preview_sha256 = serializers.SerializerMethodField()
    previewed_at = TimeField(allow_null=True)
    approvals_needed = serializers.IntegerField()
    approvals = ApprovalSerializer(many=True, source="approvals.all")
    not_before = TimeField(allow_null=True)
    refusal = NameField()
    operation = serializers.SerializerMethodField()
    safety_backup = serializers.SerializerMethodField()
    undoes = serializers.SerializerMethodField()
    sandbox = serializers.SerializerMethodField()
    sandbox_until = TimeField(allow_null=True)
    recipient = NameField()
    downloads = DownloadSerializer(many=True, source="downloads.all")
    error = serializers.SerializerMethodField()
    created_at = TimeField()
    submitted_at = TimeField(allow_null=True)
    expires_at = TimeField(allow_null=True)
    decided_at = TimeField(allow_null=True)
    ended_at = TimeField(allow_null=True)
    is_satisfied = serializers.BooleanField(allow_null=True)
    satisfied_why = NameField()

    def get_backup(self, request: RestoreRequest) -> str | None:
        """Return the identifier of the moment's set."""
        return request.backup.backup_id if request.backup is not None else None

    def get_preview_sha256(self, request: RestoreRequest) -> str:
        """Return what names the preview."""
        return digest_preview(request.preview)

    def get_operation(self, request: RestoreRequest) -> str | None:
        """Return the operation's identifier."""
        return request.operation.public_id if request.operation is not None else None

    def get_safety_backup(self, request: RestoreRequest) -> str | None:
        """Return the identifier of what an undo puts back."""
        return request.safety_backup.backup_id if request.safety_backup is not None else None

    def get_undoes(self, request: RestoreRequest) -> str | None:
        """Return the reference of the request whose restore it undoes."""
        return request.undoes.reference if request.undoes is not None else None

    def get_sandbox(self, request: RestoreRequest) -> str | None:
        """Return the identifier of the copy."""
        return request.sandbox.identifier if request.sandbox is not None else None

    @extend_schema_field(StoredErrorSerializer(allow_null=True))
    def get_error(self, request: RestoreRequest) -> Any:
        """Return why it has failed."""
        return StoredErrorSerializer(request).data if request.error_code else None


class FigureSerializer(Document):
    """One thing that people know, before and after. Texts follow Accept-Language."""

    label = serializers.CharField()  # type: ignore[assignment]
    then = serializers.CharField()
    now = serializers.CharField()
    difference = serializers.CharField()


class PreviewSerializer(Document):
    """What a request would change: in words, and as figures for programs (`document`). `outcome`: what would happen, as
    sentences; `preview_sha256`: names it, an approval repeats it."""

    reference = serializers.CharField()
    preview_sha256 = serializers.CharField()
    taken_at = TimeField(allow_null=True)
    lead = serializers.CharField()
    figures = FigureSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    outcome = serializers.ListField(child=serializers.CharField())
    document = ObjectField()


class RecordLineSerializer(Document):
    """One line of the record. `data`: what was said, shown or decided; `sha256`: chained to the line before."""

    number = serializers.IntegerField()
    at = TimeField()
    actor_kind = serializers.ChoiceField(choices=ActorKind.choices)
    actor = NameField()
    origin = NameField()
    what = serializers.CharField()
    data = serializers.SerializerMethodField()  # type: ignore[assignment]
    sha256 = serializers.CharField()

    @extend_schema_field(ObjectField())
    def get_data(self, event: RequestEvent) -> Mapping[str, Any]:
        """Return it without the digests, which prove and tell nothing."""
        return {name: value for name, value in event.data.items() if name != SEALED_KEY}


class RecordSerializer(Document):
    """The record of a request. `broken_at`: number of the first line that is not what was written, null where all
    are."""

    reference = serializers.CharField()
    broken_at = serializers.IntegerField(allow_null=True)
    events = RecordLineSerializer(many=True)


class ExportSerializer(Document):
    """The record of a request as one text, in French."""

    reference = serializers.CharField()
    text = serializers.CharField()


def list_documents(rows: QuerySet[RestoreRequest]) -> QuerySet[RestoreRequest]:
    """Return the rows with all that RequestSerializer reads, in a number of queries that does not grow with them."""
    return rows.select_related("undoes", "sandbox").prefetch_related("approvals", "downloads__backup")


def make_preview_document(request: RestoreRequest) -> dict[str, Any]:
    """Return what PreviewSerializer answers, of the preview that the request has now."""
    text = describe_preview(request.preview)
    return {
        "reference": request.reference,
        "preview_sha256": digest_preview(request.preview),
        "taken_at": request.previewed_at,
        "lead": text.lead,
        "figures": text.rows,
        "warnings": text.warnings,
        "outcome": describe_outcome(request),
        "document": request.preview,
    }


def make_record_document(request: RestoreRequest) -> dict[str, Any]:
    """Return what RecordSerializer answers."""
    return {
        "reference": request.reference,
        "broken_at": find_record_break(request),
        "events": request.events.order_by("number"),
    }


def list_contacts(tenant: str | None = None) -> QuerySet[ParishContact]:
    """Return contacts by parish and name; of one parish with its slug."""
    rows = ParishContact.objects.select_related("tenant").order_by("tenant__slug", "name", "pk")
    return rows.filter(tenant__slug=tenant) if tenant else rows

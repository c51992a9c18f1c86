"""Destinations and copies as documents for the doors (REST, --json): never a secret."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.utils.translation import ngettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backups.models import BackupState
from civiparoisse.document_fields import Document, ObjectField, TimeField
from domain.words import word_params
from offsite.models import PROTECTING, BackupCopy, CopyState, Destination, DestinationKind, LockMode
from offsite.providers import SETTINGS
from operations.documents import LEVELS, FindingSerializer, StoredErrorSerializer
from tenants.encryption import UnreadableSecret

MOST_NAMED = 5


def read_settings(row: Destination) -> dict[str, Any]:
    """Return the settings of a destination; none where no key of ours reads them, so that its row can be shown."""
    return {} if isinstance(row.settings, UnreadableSecret) else dict(row.settings)


def list_copies(*, instance: str | None = None, destination: str | None = None) -> QuerySet[BackupCopy]:
    """Return copies, those of the newest sets first, narrowed by what is given."""
    rows = BackupCopy.objects.select_related("backup__instance", "destination").order_by("-backup__started_at", "pk")
    asked = {"backup__instance__identifier": instance, "destination__name": destination}
    return rows.filter(**{name: value for name, value in asked.items() if value})


def find_usage(row: Destination) -> dict[str, int]:
    """Return how many copies are there, come, and are damaged, and the bytes of those that are there."""
    states = {
        told["state"]: told for told in row.copies.values("state").annotate(count=Count("pk"), size=Sum("sealed_bytes"))
    }

    def count(*names: str) -> int:
        return sum(states[name]["count"] for name in names if name in states)

    return {
        "there": count(*PROTECTING),
        "coming": count(CopyState.WAITING, CopyState.COPYING, CopyState.THERE),
        "damaged": count(CopyState.MISSING, CopyState.DIFFERENT),
        "sealed_bytes": sum(states[name]["size"] or 0 for name in PROTECTING if name in states),
    }


def describe_retirement(row: Destination) -> list[str]:
    """Return in sentences what nobody could bring back once the destination is out of use; nothing where every set
    there is on its volume or at another destination too."""
    elsewhere = BackupCopy.objects.filter(backup=OuterRef("backup"), state__in=PROTECTING, destination__enabled=True)
    rows = row.copies.filter(~Exists(elsewhere.exclude(destination=row)), state__in=PROTECTING)
    alone = rows.exclude(backup__state=BackupState.GOOD)
    count, of = alone.count(), sorted(set(alone.values_list("backup__instance__identifier", flat=True)))
    sentences = []
    if count:
        text = ngettext(
            "%(count)s set is nowhere else and could not be restored: of %(names)s.",
            "%(count)s sets are nowhere else and could not be restored: of %(names)s.",
            count,
        )
        sentences.append(
            text % {"count": count, "names": ", ".join(of[:MOST_NAMED]) + ("…" if of[MOST_NAMED:] else "")}
        )
    only = rows.filter(backup__state=BackupState.GOOD).values("backup__instance").distinct().count()
    if only:
        text = ngettext(
            "The sets of %(count)s instance would then be on its own volume alone.",
            "The sets of %(count)s instances would then be on their own volumes alone.",
            only,
        )
        sentences.append(text % {"count": only})
    return sentences


class LevelField(serializers.ChoiceField):
    """How bad the worst finding of the last check is; null before there was one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=LEVELS, allow_null=True, **options)

    def get_attribute(self, instance: Any) -> Any:
        """Return the level."""
        return super().get_attribute(instance) or None


class PlaceFindingSerializer(FindingSerializer):
    """One fact that a check of a destination found, with words for its codes."""

    def word(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the parameters with words for codes."""
        return word_params(params)


class CopyErrorSerializer(StoredErrorSerializer):
    """Why the last try failed; the texts follow Accept-Language."""

    params = None  # type: ignore[assignment]


class UsageSerializer(Document):
    """How many copies are there whole, come, and are damaged. `sealed_bytes`: of those that are there."""

    there = serializers.IntegerField()
    coming = serializers.IntegerField()
    damaged = serializers.IntegerField()
    sealed_bytes = serializers.IntegerField()


class RecordedDestinationSerializer(Document):
    """A destination as it is recorded. `settings`: of its kind; of a secret only whether there is one."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=DestinationKind.values)
    enabled = serializers.BooleanField()
    lock_mode = serializers.ChoiceField(choices=LockMode.values)
    lock_days = serializers.IntegerField()
    bandwidth_kib = serializers.IntegerField()
    at_most = serializers.IntegerField()
    settings = serializers.SerializerMethodField()
    level = LevelField()
    checked_at = TimeField(timespec="seconds", allow_null=True)
    created_at = TimeField(timespec="seconds")

    @extend_schema_field(ObjectField())
    def get_settings(self, row: Destination) -> dict[str, Any]:
        """Return the values by name, of a secret whether there is one (`…_set`)."""
        shown: dict[str, Any] = {}
        settings = read_settings(row)
        for name, setting in SETTINGS[row.kind].items():
            value = settings.get(name)
            shown |= {f"{name}_set": bool(value)} if setting.is_secret else {name: value}
        return shown


class DestinationSerializer(RecordedDestinationSerializer):
    """A destination and what is there. `if_retired`: what would be lost, or would be on one volume alone, if it went
    out of use."""

    usage = serializers.SerializerMethodField()
    if_retired = serializers.SerializerMethodField()

    @extend_schema_field(UsageSerializer())
    def get_usage(self, row: Destination) -> Any:
        """Return what is there."""
        return UsageSerializer(find_usage(row)).data

    def get_if_retired(self, row: Destination) -> list[str]:
        """Return what would be lost, in sentences."""
        return describe_retirement(row)


class DestinationCheckSerializer(Document):
    """What a destination was found to do. `level`: of the worst finding."""

    destination = serializers.CharField(source="name")
    level = LevelField()
    checked_at = TimeField(timespec="seconds", allow_null=True)
    findings = PlaceFindingSerializer(source="report", many=True)


class DownloadSerializer(Document):
    """One download of a set: who, when, which of its databases and trees (none: all), sealed to which public key, from
    where, and how it ended."""

    backup = serializers.CharField(source="backup.backup_id")
    requested_by = serializers.CharField()
    at = TimeField(timespec="seconds")
    ended_at = TimeField(timespec="seconds", allow_null=True)
    parts = serializers.ListField(child=serializers.CharField())
    recipient = serializers.CharField()
    read_from = serializers.CharField(source="source")
    sent_bytes = serializers.IntegerField()
    error_code = serializers.CharField()


class CopySerializer(Document):
    """One set at one destination. Times: sent, last compared, last downloaded whole and opened, held by a lock until,
    removed. `hidden_objects`: earlier versions that the account could not remove."""

    backup = serializers.CharField(source="backup.backup_id")
    instance = serializers.CharField(source="backup.instance.identifier")
    destination = serializers.CharField(source="destination.name")
    state = serializers.ChoiceField(choices=CopyState.values)
    objects = serializers.IntegerField(source="object_count", allow_null=True)
    sealed_bytes = serializers.IntegerField(allow_null=True)
    attempts = serializers.IntegerField()
    next_attempt_at = TimeField(timespec="seconds", allow_null=True)
    copied_at = TimeField(timespec="seconds", allow_null=True)
    checked_at = TimeField(timespec="seconds", allow_null=True)
    opened_at = TimeField(timespec="seconds", allow_null=True)
    held_until = TimeField(timespec="seconds", allow_null=True)
    removed_at = TimeField(timespec="seconds", allow_null=True)
    hidden_objects = serializers.IntegerField()
    error = CopyErrorSerializer(source="*", allow_null=True)

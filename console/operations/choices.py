"""What was chosen when an operation was asked, in words, and the backups that it read and made."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.models import Backup, BackupReason
from civiparoisse.presentation import format_time
from domain.errors import NotFound
from operations.choices import list_choices as describe_parameters
from operations.models import Operation
from operations.registry import get_kind

MADE = {
    BackupReason.SAFETY.value: gettext_lazy("Safety copy taken before"),
    BackupReason.FINAL.value: gettext_lazy("Final backup"),
}


def list_choices(operation: Operation) -> list[dict[str, str]]:
    """Return label, text and link ("" for none) of each choice, then of each backup that the operation made."""
    return [*_list_parameters(operation), *_list_made(operation)]


def _list_parameters(operation: Operation) -> Iterator[dict[str, str]]:
    parameters: dict[str, Any] = operation.parameters
    if "backup_id" in parameters:
        name = str(parameters["backup_id"])
        backup = Backup.objects.filter(backup_id=name).first()
        link = reverse("admin:backups_backup_change", args=[backup.pk]) if backup else ""
        text = f"{name} ({format_time(backup.started_at)})" if backup else name
        yield {"label": _("Backup that is put back"), "text": text, "link": link}
    with suppress(NotFound):  # a kind that there was once
        for label, text in describe_parameters(get_kind(operation.kind), parameters):
            yield {"label": label, "text": text, "link": ""}


def _list_made(operation: Operation) -> Iterator[dict[str, str]]:
    for backup in operation.backups.all():
        link = reverse("admin:backups_backup_change", args=[backup.pk])
        yield {"label": str(MADE.get(backup.reason, _("Backup"))), "text": backup.backup_id, "link": link}

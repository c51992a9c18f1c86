"""What was chosen when an operation was asked, in words, and the backups that it read and made."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.models import Backup, BackupMode, BackupReason, BackupScope
from civiparoisse.presentation import format_time
from operations.models import Operation

LABELS: dict[str, Any] = {
    "source": gettext_lazy("Taken from"),
    "scope": gettext_lazy("Scope"),
    "database": gettext_lazy("Database"),
    "mode": gettext_lazy("Mode"),
    "codec": gettext_lazy("Compression"),
    "safety_backup": gettext_lazy("Safety backup first"),
    "final_backup": gettext_lazy("Final backup first"),
    "purge_backups": gettext_lazy("Backups deleted too"),
    "plan": gettext_lazy("Plan"),
    "release": gettext_lazy("Release"),
    "older_than_days": gettext_lazy("Older than (days)"),
    "backup_ids": gettext_lazy("Backups"),
    "over_capacity": gettext_lazy("Even without room"),
}
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
    for name, label in LABELS.items():
        value = parameters.get(name)
        if value not in (None, "", [], {}):
            yield {"label": str(label), "text": _word(name, value), "link": ""}


def _list_made(operation: Operation) -> Iterator[dict[str, str]]:
    for backup in operation.backups.all():
        link = reverse("admin:backups_backup_change", args=[backup.pk])
        yield {"label": str(MADE.get(backup.reason, _("Backup"))), "text": backup.backup_id, "link": link}


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    choices = {"scope": BackupScope, "mode": BackupMode}.get(name)
    labels = dict(choices.choices) if choices else {}
    return str(labels.get(value, value))

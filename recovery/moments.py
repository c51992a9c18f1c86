"""When the manager is archived besides the clock's quarter of an hour: before a migration, at each change of keys, and
when a worker starts."""

import logging
from typing import Any

from amqp.exceptions import AMQPError
from celery import current_app
from celery.signals import worker_ready
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.models.signals import post_delete, post_save
from django.utils import timezone
from kombu.exceptions import KombuError

from domain.errors import CiviparoisseError
from offsite.models import ParishKey, RecoveryKey, SigningKey
from recovery.making import make_archive
from recovery.models import ArchiveReason, ManagerArchive, ManagerCopy, ManagerIdentity
from tenants.models import Tenant

log = logging.getLogger("recovery")

ARCHIVE_TASK, EXPIRES_SECONDS = "recovery.archive", 900
NEEDED = (RecoveryKey, ManagerIdentity, ManagerArchive, ManagerCopy, Tenant)
# Django tells of a migration once for each application.
_run = {"is_archived": False}


def archive_before_migration(*, plan: Any = (), using: str = "default", **_options: Any) -> None:
    """Archive a manager that has parishes before its tables change. Where no key or place is known it is only said;
    an archive that fails stops the migration, unless CIVIPAROISSE_MIGRATE_WITHOUT_ARCHIVE is set."""
    if not plan or using != "default" or _run["is_archived"]:
        return
    _run["is_archived"] = True
    if not _has_parishes():
        return
    try:
        make_archive(ArchiveReason.MIGRATION, now=timezone.now())
    except CiviparoisseError as error:
        if error.code in ("archive_unsealed", "archive_nowhere") or settings.MIGRATE_WITHOUT_ARCHIVE:
            log.warning("this migration goes on without an archive of the manager: %s", error)
            return
        raise CommandError(str(CiviparoisseError("migration_not_archived", detail=str(error)))) from error


def forget_migration(**_options: Any) -> None:
    """Let the next migration of this process be archived too."""
    _run["is_archived"] = False


def _has_parishes() -> bool:
    present = set(connection.introspection.table_names())
    return {model._meta.db_table for model in NEEDED} <= present and Tenant.objects.exists()


def listen_to_keys() -> None:
    """Have an archive asked for whenever a key was made, proven or removed."""
    for model in (ParishKey, RecoveryKey, SigningKey):
        post_save.connect(ask_for_archive, sender=model, dispatch_uid=f"recovery-{model.__name__}")
        post_delete.connect(ask_for_archive, sender=model, dispatch_uid=f"recovery-{model.__name__}")


def listen_to_starts() -> None:
    """Have an archive asked for whenever a worker is ready: field keys are files that are read at its start, so that a
    change of them is archived at once. It is made only where something differs from the newest archive."""
    worker_ready.connect(ask_at_start, dispatch_uid="recovery")


def ask_at_start(**_options: Any) -> None:
    """Ask for what the clock asks for within a quarter of an hour."""
    _ring(ArchiveReason.SCHEDULED)


def ask_for_archive(**_options: Any) -> None:
    """Ask a worker for an archive once the change is written. A broker that does not answer delays it: the clock asks
    again within a quarter of an hour."""
    transaction.on_commit(_ring, robust=True)


def _ring(reason: ArchiveReason = ArchiveReason.KEYS) -> None:
    try:
        current_app.send_task(ARCHIVE_TASK, (reason.value,), expires=EXPIRES_SECONDS)
    except (OSError, ValueError, KombuError, AMQPError) as error:
        log.warning("no archive was asked for: %s", error)

"""Gathers, for backup_check, what the manager's rows and the volumes say of each parish's backups."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from backups.freshness import COMPARED_SETS, BackupFacts, Freshness, assess_freshness
from backups.models import Backup, BackupReason, BackupState
from backups.selectors import list_whole_backups
from domain.errors import CiviparoisseError, NotFound
from domain.specs import InstanceKind
from domain.states import InstanceState
from engine.registry import get_engine
from tenants.models import Instance, Tenant

WITHOUT_DATA = (InstanceState.NEW.value, InstanceState.DELETED.value)


def list_freshness(*, tenant: str | None = None, now: datetime) -> list[tuple[str, Freshness]]:
    """Return (slug of the tenant, freshness) of every production instance that has data, by identifier.

    `tenant`: only that slug's; raise NotFound for one that does not exist.
    """
    if tenant is not None and not Tenant.objects.filter(slug=tenant).exists():
        raise NotFound(what="tenant", name=tenant)
    rows = Instance.objects.filter(kind=InstanceKind.PRODUCTION.value).exclude(state__in=WITHOUT_DATA)
    if tenant is not None:
        rows = rows.filter(tenant__slug=tenant)
    instances: Iterable[Instance] = rows.select_related("tenant").defer("secrets").order_by("identifier")
    return [(instance.tenant.slug, _assess(instance, now=now)) for instance in instances]


def get_facts(instance: Instance) -> BackupFacts:
    """Return what is known of the instance's backups. Backups that a person cancelled did not fail."""
    good = list(list_whole_backups(instance)[: COMPARED_SETS + 1])
    failed = Backup.objects.filter(instance=instance, state=BackupState.FAILED).exclude(reason=BackupReason.SAFETY)
    failure = failed.exclude(error_code="operation_cancelled").order_by("-started_at").first()
    failed_at = failure.started_at if failure else None
    if not good:
        return BackupFacts(instance=instance.identifier, failed_at=failed_at)
    last, earlier = good[0], good[1:]
    return BackupFacts(
        instance=instance.identifier,
        good_at=last.started_at,
        good_bytes=last.stored_bytes,
        warnings=len(last.warnings),
        earlier_bytes=[row.stored_bytes for row in earlier if row.stored_bytes is not None],
        failed_at=failed_at,
        on_volume=_observe_set(instance, last.backup_id),
    )


def _assess(instance: Instance, *, now: datetime) -> Freshness:
    return assess_freshness(
        get_facts(instance),
        now=now,
        warning_hours=settings.BACKUP_WARNING_HOURS,
        critical_hours=settings.BACKUP_CRITICAL_HOURS,
    )


def _observe_set(instance: Instance, backup_id: str) -> bool | None:
    try:
        return backup_id in get_engine(instance.engine).observe(instance.identifier).backup_ids
    except CiviparoisseError:
        return None

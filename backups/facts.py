"""Gathers, for backup_check, what the manager's rows and the volumes say of each parish's backups."""

from dataclasses import replace
from datetime import datetime

from backups.ages import Protection, find_protection
from backups.freshness import COMPARED_SETS, BackupFacts, Freshness, Level, assess_freshness, select_worst
from backups.last_failure import select_failures
from backups.models import BackupPolicy
from backups.policies import find_policies, get_thresholds
from backups.proof_ages import get_proof_facts
from backups.selectors import list_whole_backups
from backups.volumes import list_volume_notes
from domain.errors import NotFound, word_cause
from domain.finding_texts import render_finding
from domain.findings import Level as FindingLevel
from domain.fleet import ObservedFleet
from domain.specs import InstanceKind
from domain.states import InstanceState
from operations.fleets import observe_fleets
from operations.room import list_findings, record_rooms
from tenants.models import Instance, Tenant

WITHOUT_DATA = (InstanceState.NEW.value, InstanceState.DELETED.value)


def list_freshness(*, tenant: str | None = None, now: datetime) -> list[tuple[str, Freshness]]:
    """Return (slug of the tenant, freshness) of every production instance that has data, by identifier.

    `tenant`: only that slug's; raise NotFound for one that does not exist. Each engine is looked at once.
    """
    if tenant is not None and not Tenant.objects.filter(slug=tenant).exists():
        raise NotFound(what="tenant", name=tenant)
    rows = Instance.objects.filter(kind=InstanceKind.PRODUCTION.value).exclude(state__in=WITHOUT_DATA)
    if tenant is not None:
        rows = rows.filter(tenant__slug=tenant)
    instances = list(rows.select_related("tenant").defer("secrets").order_by("identifier"))
    fleets = observe_fleets({instance.engine for instance in instances})
    policies = find_policies(instances)
    protections = find_protection([row.pk for row in instances], now=now)
    return [
        (
            row.tenant.slug,
            _assess(row, policies[row.pk], fleet=fleets[row.engine], protection=protections.get(row.pk), now=now),
        )
        for row in instances
    ]


def get_facts(instance: Instance, *, fleet: ObservedFleet | None, protection: Protection | None = None) -> BackupFacts:
    """Return what is known of the instance's backups. Backups that a person cancelled did not fail.

    `fleet`: what its engine sees, None when it did not answer. `protection`: None where sets need not be elsewhere.
    """
    good = list(list_whole_backups(instance)[: COMPARED_SETS + 1])
    failure = select_failures().filter(instance=instance).order_by("-started_at").first()
    failed_at = failure.started_at if failure else None
    because = word_cause(failure.error_code, failure.error_params)[0] if failure else ""
    if not good:
        name, engine = instance.identifier, instance.engine
        return BackupFacts(instance=name, engine=engine, failed_at=failed_at, failed_because=because)
    last, earlier, proofs = good[0], good[1:], get_proof_facts(instance)
    return BackupFacts(
        instance=instance.identifier,
        engine=instance.engine,
        good_at=last.started_at,
        good_bytes=last.stored_bytes,
        warnings=len(last.warnings),
        earlier_bytes=[row.stored_bytes for row in earlier if row.stored_bytes is not None],
        failed_at=failed_at,
        failed_because=because,
        on_volume=_find_set(instance, last.backup_id, fleet=fleet),
        proven_at=proofs.proven_at,
        unproven_since=proofs.wanted_since,
        proof_warning_days=proofs.warning_days,
        is_copied=protection is not None,
        protected_at=None if protection is None else protection.protected_at,
        is_copy_late=protection is not None and protection.is_late,
        refuted="" if proofs.failed is None else proofs.failed.backup.backup_id,
    )


def _assess(
    instance: Instance,
    policy: BackupPolicy,
    *,
    fleet: ObservedFleet | None,
    protection: Protection | None,
    now: datetime,
) -> Freshness:
    warning, critical = get_thresholds(policy)
    facts = get_facts(instance, fleet=fleet, protection=protection)
    freshness = assess_freshness(facts, now=now, warning_hours=warning, critical_hours=critical)
    if fleet is not None:
        record_rooms({instance.pk: fleet.find_own(instance.identifier)})
    # A volume without room takes neither rows nor tonight's set.
    for finding in list_findings(instance):
        level = Level.CRITICAL if finding.level is FindingLevel.CRITICAL else Level.WARNING
        reasons = (*freshness.reasons, render_finding(finding.code, finding.params)[0])
        freshness = replace(freshness, level=select_worst([freshness.level, level]), reasons=reasons)
    if notes := list_volume_notes(instance):
        level = select_worst([freshness.level, Level.WARNING])
        freshness = replace(freshness, level=level, reasons=(*freshness.reasons, *notes))
    return freshness


def _find_set(instance: Instance, backup_id: str, *, fleet: ObservedFleet | None) -> bool | None:
    if fleet is None:
        return None
    observed = fleet.find_own(instance.identifier)
    return observed is not None and backup_id in observed.backup_ids

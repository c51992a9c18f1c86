"""What programs and engines are told of an instance's policy: the rule, what is known of single sets, the schedule."""

import hashlib
import logging
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef

from backups.holders import list_holders
from backups.models import Backup, BackupMode, BackupPolicy, InstancePolicy
from backups.policies import find_policies
from backups.selectors import list_held_sets, make_held_set, select_held_rows
from domain.backup_terms import BackupTerms
from domain.errors import CiviparoisseError
from domain.specs import Component
from domain.states import InstanceState
from engine.base import Engine
from operations.fleets import list_scheduling_engines
from operations.models import Operation
from programs.sets.retention import HeldSet
from programs.sets.told_retention import AFTER, WHEN_FULL, format_retention
from tenants.models import Instance
from tenants.specs import make_instance_spec, select_wanted_components

log = logging.getLogger("backups")

ATTACHED = "_backup_terms"
# So many schedules are sent at one look: after a change of a default, a cluster is not asked for all at once.
TOLD_AT_ONCE = 20


def make_retention(instance: Instance, policy: BackupPolicy, *, when: str = WHEN_FULL) -> str:
    """Return the document by which a backup program may remove sets of the instance."""
    return format_retention(policy.make_rule(), zone=settings.TIME_ZONE, when=when, held=list_held_sets(instance))


def find_terms(instance: Instance) -> BackupTerms:
    """Return the terms of the instance: those attached to it, else made now."""
    attached: BackupTerms | None = getattr(instance, ATTACHED, None)
    return attached or make_terms([instance])[instance.pk]


def attach_terms(instances: Collection[Instance]) -> None:
    """Make the terms of many instances in a few queries, for the specs that are made of these rows."""
    for instance, terms in zip(instances, make_terms(instances).values(), strict=True):
        setattr(instance, ATTACHED, terms)


def make_terms(instances: Collection[Instance]) -> dict[int, BackupTerms]:
    """Return how the backups of each instance are made where its engine starts them by itself, by its key."""
    policies = find_policies(instances)
    held = list_held_of(instances)
    return {
        row.pk: BackupTerms(
            schedule=policies[row.pk].make_schedule(),
            scope=policies[row.pk].scope,
            codec=policies[row.pk].codec or settings.BACKUP_CODEC,
            retention=_make_retention(policies[row.pk], held[row.pk]) if settings.PRUNING else "",
            by_manager=policies[row.pk].mode == BackupMode.COLD,
        )
        for row in instances
    }


def list_held_of(instances: Collection[Instance]) -> dict[int, list[HeldSet]]:
    """Return, by instance, its sets of which the schedule must know something: who reads them for long, pins, proofs,
    copies with a time of their own, and those that are not good. Operations under way are left out: they end soon, and
    those that change data hold the schedule."""
    held: dict[int, list[HeldSet]] = {row.pk: [] for row in instances}
    rows = list(select_held_rows(Backup.objects.filter(instance__in=list(held))))
    holders = list_holders({row.backup_id for row in rows}, with_operations=False)
    for row in rows:
        held[row.instance_id].append(make_held_set(row, held_by=holders.get(row.backup_id, ())))
    return held


def _make_retention(policy: BackupPolicy, held: list[HeldSet]) -> str:
    return format_retention(policy.make_rule(), zone=settings.TIME_ZONE, when=AFTER, held=held)


def tell_terms(*, now: datetime) -> list[str]:
    """Give engines that start backups by themselves the terms that have changed since they were told; return the
    identifiers of those instances. What fails is tried again at the next look."""
    engines = list_scheduling_engines()
    rows = Instance.objects.filter(engine__in=list(engines), state__in=[InstanceState.ACTIVE, InstanceState.SUSPENDED])
    held = Operation.objects.filter(lock=OuterRef("identifier"))
    idle = list(rows.filter(~Exists(held)).select_related("tenant", "plan", "release"))
    told = dict(InstancePolicy.objects.filter(instance__in=idle).values_list("instance", "told"))
    attach_terms(idle)
    changed = [row for row in idle if told.get(row.pk, "") != compute_digest(find_terms(row))][:TOLD_AT_ONCE]
    return [row.identifier for row in changed if _tell(row, engines[row.engine], now=now)]


def _tell(instance: Instance, engine: Engine, *, now: datetime) -> bool:
    digest = compute_digest(find_terms(instance))
    wanted = select_wanted_components(instance) if instance.state == InstanceState.ACTIVE else frozenset[Component]()
    try:
        engine.release_schedules(make_instance_spec(instance, components=wanted))
    except CiviparoisseError as error:
        log.warning("schedule of %s at %s: %s %s", instance.identifier, now, error.code, error.params)
        return False
    InstancePolicy.objects.update_or_create(instance=instance, defaults={"told": digest})
    return True


def compute_digest(terms: BackupTerms) -> str:
    """Return a text that changes with the terms."""
    return hashlib.sha256(repr(terms).encode()).hexdigest()

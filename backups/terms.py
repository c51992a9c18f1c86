"""What programs and engines are told of an instance's policy: the rule, what is known of single sets, the schedule."""

import hashlib

from django.conf import settings

from backups.models import BackupMode, BackupPolicy
from backups.policies import find_policy
from backups.selectors import list_held_sets
from domain.backup_terms import BackupTerms
from programs.sets.told_retention import AFTER, WHEN_FULL, format_retention
from tenants.models import Instance


def make_retention(instance: Instance, policy: BackupPolicy, *, when: str = WHEN_FULL) -> str:
    """Return the document by which a backup program may remove sets of the instance."""
    return format_retention(policy.make_rule(), zone=settings.TIME_ZONE, when=when, held=list_held_sets(instance))


def make_terms(instance: Instance) -> BackupTerms:
    """Return how the instance's backups are made where its engine starts them by itself."""
    policy = find_policy(instance)
    return BackupTerms(
        schedule=policy.make_schedule(),
        scope=policy.scope,
        codec=policy.codec or settings.BACKUP_CODEC,
        retention=make_retention(instance, policy, when=AFTER) if settings.PRUNING else "",
        by_manager=policy.mode == BackupMode.COLD,
    )


def compute_digest(terms: BackupTerms) -> str:
    """Return a text that changes with the terms."""
    return hashlib.sha256(repr(terms).encode()).hexdigest()

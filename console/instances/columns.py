"""What lists show of instances: states and ages of backups as badges."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from backups.ages import find_protection, grade_age
from backups.freshness import Level
from backups.last_failure import find_last_failures
from backups.models import Backup, ProofOutcome
from backups.policies import find_policies, get_thresholds
from backups.proof_ages import compute_warning_days, get_proof_facts
from civiparoisse.presentation import BAD, BUSY, DOUBTFUL, GOOD, NOTHING, QUIET, format_age, format_time
from domain.errors import word_cause
from domain.specs import InstanceKind
from domain.states import InstanceState
from tenants.models import Instance
from watch.checks.troubles import WITHOUT_DATA

STATE_COLOURS = {
    InstanceState.NEW.value: QUIET,
    InstanceState.PROVISIONING.value: BUSY,
    InstanceState.ACTIVE.value: GOOD,
    InstanceState.SUSPENDING.value: BUSY,
    InstanceState.SUSPENDED.value: DOUBTFUL,
    InstanceState.RESUMING.value: BUSY,
    InstanceState.RESTORING.value: BUSY,
    InstanceState.RESIZING.value: BUSY,
    InstanceState.UPGRADING.value: BUSY,
    InstanceState.DELETING.value: BUSY,
    InstanceState.DELETED.value: QUIET,
    InstanceState.FAILED.value: BAD,
}
LEVEL_COLOURS = {Level.OK: GOOD, Level.WARNING: DOUBTFUL, Level.CRITICAL: BAD, Level.UNKNOWN: BAD}


def make_badge(text: object, colour: str) -> SafeString:
    """Return `text` in a badge of `colour`."""
    return mark_safe(render_to_string("unfold/helpers/label.html", {"text": text, "type": colour}))


def make_age_badge(
    state: str, good_at: datetime | None, *, now: datetime, thresholds: tuple[int, int] | None = None
) -> SafeString:
    """Return how old the last good backup of an instance in `state` is, in the colour of how bad that is. `thresholds`:
    of its policy, in hours; the installation's unless given."""
    if good_at is None and state in WITHOUT_DATA:
        return mark_safe(NOTHING)
    text = format_age(good_at, now=now) if good_at else _("never backed up")
    return make_badge(text, LEVEL_COLOURS[grade_age(good_at, now=now, thresholds=thresholds)])


def grade_rows(instances: Iterable[Any], *, now: datetime) -> None:
    """Give each row of a list what its badges are coloured by, in as many queries for one as for all: `thresholds` and
    `proof_warning_days` of its policy, its `protection`, None where its sets need not be elsewhere, and its
    `last_failure`, the backup that failed after its last good one."""
    rows = list(instances)
    failures = find_last_failures([row.pk for row in rows])
    policies, protections = find_policies(rows), find_protection([row.pk for row in rows], now=now)
    for row in rows:
        row.thresholds = get_thresholds(policies[row.pk])
        row.proof_warning_days = compute_warning_days(policies[row.pk])
        row.protection = protections.get(row.pk)
        row.last_failure = failures.get(row.pk)


def make_failure_badge(failure: Backup | None) -> SafeString | str:
    """Return that the last backup failed and why, in a few words; "" where it did not."""
    if failure is None:
        return ""
    cause = word_cause(failure.error_code, failure.error_params)[0]
    return make_badge(_("failed: %(cause)s") % {"cause": cause} if cause else _("failed"), BAD)


def make_protection_badge(instance: Any, *, now: datetime) -> SafeString:
    """Return how old the newest set is that is elsewhere too. `instance`: of `grade_rows`."""
    if instance.protection is None or instance.good_at is None:
        return mark_safe(NOTHING)
    at = instance.protection.protected_at
    text = format_age(at, now=now) if at else _("nowhere else")
    return make_badge(text, DOUBTFUL if instance.protection.is_late else GOOD)


def make_proof_age_badge(instance: Any, *, now: datetime) -> SafeString:
    """Return how long ago a set was last proven, for a list. `instance`: of `grade_rows`, with `proof_at` and
    `last_proof`, the outcome of the last proof that decided."""
    if instance.kind != InstanceKind.PRODUCTION or instance.good_at is None:
        return mark_safe(NOTHING)
    if instance.last_proof == ProofOutcome.FAILED:
        return make_badge(_("failed"), BAD)
    if instance.proof_at is None:
        return make_badge(_("never proven"), DOUBTFUL)
    days = instance.proof_warning_days
    is_late = days is not None and (now - instance.proof_at).days >= days
    return make_badge(format_age(instance.proof_at, now=now), DOUBTFUL if is_late else GOOD)


def make_proof_badge(instance: Instance, *, now: datetime) -> SafeString:
    """Return when a backup of a production instance was last proven by restoring it, in the colour of how bad that is;
    "" for one that has no backup, or is a copy."""
    facts = get_proof_facts(instance)
    if instance.kind != InstanceKind.PRODUCTION or facts.wanted_since is None:
        return mark_safe("")
    if facts.failed is not None:
        text = _("the proof of %(backup)s failed") % {"backup": facts.failed.backup.backup_id}
        return make_badge(text, BAD)
    if facts.proven_at is None:
        return make_badge(_("never proven"), DOUBTFUL)
    colour = DOUBTFUL if facts.is_late(now=now) else GOOD
    return make_badge(_("proven on %(time)s") % {"time": format_time(facts.proven_at)}, colour)

"""Is a parish's last good backup fresh enough? Pure: facts in, a level with its reasons out.

Rules: age against two thresholds, the last run's end, whether the set is really on the volume,
and a size that fell by more than half against the median of the last seven.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from django.utils.formats import number_format
from django.utils.translation import gettext as _

COMPARED_SETS = 7
SMALLEST_SHARE = 0.5
CLOCK_SKEW_HOURS = 0.25  # how far the clocks of a healthy fleet may differ


class Level(IntEnum):
    """How bad it is; the value is the exit code that Nagios expects."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


# What is told of several: what is certainly bad before what is not known.
GRAVITY = (Level.OK, Level.WARNING, Level.UNKNOWN, Level.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFacts:
    """What is known of one instance's backups. Times with zone, sizes in bytes.

    `good_at`, `good_bytes`: start and stored size of the last good whole backup, None without one; `earlier_bytes`:
    sizes of those before it, newest first. `failed_at`: start of the last backup that failed, None without one;
    `failed_because`: why, in words, "" where that is not known.
    `on_volume`: whether its `engine` sees that set; None when it did not answer. `proven_at`: last time that a set was
    restored for proof and found whole, None: never, and then `unproven_since` is when there was a set to prove.
    `proof_warning_days`: the age from which a proof is late by the policy, None: it wants none. `refuted`:
    the set of which the last proof failed, "" where it did not. `is_copied`: its sets are to be elsewhere too;
    `protected_at`: of when the newest is that is, None without one, and `is_copy_late` where a newer one should be.
    """

    instance: str
    engine: str = ""
    good_at: datetime | None = None
    good_bytes: int | None = None
    warnings: int = 0
    earlier_bytes: Sequence[int] = ()
    failed_at: datetime | None = None
    failed_because: str = ""
    on_volume: bool | None = True
    proven_at: datetime | None = None
    unproven_since: datetime | None = None
    proof_warning_days: int | None = None
    refuted: str = ""
    is_copied: bool = False
    protected_at: datetime | None = None
    is_copy_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """The level of one instance. `reasons`: sentences in the active language, never empty; `age_hours`: None when
    there is no good backup. `proof_days`: age of the last proof, `protected_hours`: of the newest set that is elsewhere
    too; None without one."""

    instance: str
    level: Level
    reasons: tuple[str, ...]
    age_hours: float | None
    proof_days: float | None = None
    protected_hours: float | None = None


def assess_freshness(facts: BackupFacts, *, now: datetime, warning_hours: int, critical_hours: int) -> Freshness:
    """Return how fresh the instance's backups are. Beyond `warning_hours` and `critical_hours` of age they are not."""
    if facts.good_at is None:
        judgements = [(Level.UNKNOWN, _("never backed up"))]
        if facts.failed_at is not None:
            told = _("never backed up: the last backup failed")
            because = _("never backed up; the last backup failed: %(cause)s")
            judgements = [(Level.CRITICAL, _tell_failure(facts, told, because))]
        return _make_freshness(facts, judgements, age_hours=None, now=now)
    age_hours = (now - facts.good_at).total_seconds() / 3600
    judgements = [_assess_age(age_hours, warning_hours=warning_hours, critical_hours=critical_hours)]
    if facts.failed_at is not None and facts.failed_at > facts.good_at:
        told, because = _("the last backup failed"), _("the last backup failed: %(cause)s")
        judgements.append((Level.CRITICAL, _tell_failure(facts, told, because)))
    if facts.on_volume is False:
        judgements.append((Level.CRITICAL, _("the last good backup is not on its volume any more")))
    if facts.on_volume is None:
        judgements.append((Level.UNKNOWN, _("the engine %(engine)s did not answer") % {"engine": facts.engine}))
    if has_shrunk(facts.good_bytes, facts.earlier_bytes):
        judgements.append((Level.WARNING, _("the last backup is less than half as large as those before it")))
    if facts.warnings:
        judgements.append((Level.WARNING, _("the last backup has warnings")))
    judgements += _assess_copies(facts, now=now)
    judgements += _assess_proof(facts, now=now)
    return _make_freshness(facts, judgements, age_hours=age_hours, now=now)


def has_shrunk(last: int | None, earlier: Sequence[int]) -> bool:
    """Return whether a size is less than half the median of the (up to seven) before it, newest first."""
    if last is None or not earlier:
        return False
    return last < SMALLEST_SHARE * statistics.median(earlier[:COMPARED_SETS])


def select_worst(levels: Sequence[Level]) -> Level:
    """Return the level told of several; UNKNOWN of none, since nothing was seen."""
    return max(levels, key=GRAVITY.index, default=Level.UNKNOWN)


def is_in_future(age_hours: float) -> bool:
    """Return whether an age is below zero by more than clocks differ: a clock went back, so the age is not known."""
    return age_hours < -CLOCK_SKEW_HOURS


def _assess_proof(facts: BackupFacts, *, now: datetime) -> list[tuple[Level, str]]:
    """Return what is to be told of proofs by restoring; a fresh one is told too, so that it is known."""
    judgements = []
    if facts.refuted:
        text = _("the backup %(backup)s could not be proven: it was restored, and that failed")
        judgements.append((Level.CRITICAL, text % {"backup": facts.refuted}))
    since = facts.proven_at or facts.unproven_since
    if since is None:
        return judgements
    days = (now - since).days
    is_late = facts.proof_warning_days is not None and days >= facts.proof_warning_days
    level = Level.WARNING if is_late else Level.OK
    if facts.proven_at is not None:
        judgements.append((level, _("last proven by restoring %(days)s days ago") % {"days": days}))
    elif level is Level.WARNING:
        judgements.append((level, _("no backup was ever proven by restoring it, for %(days)s days") % {"days": days}))
    return judgements


def _assess_copies(facts: BackupFacts, *, now: datetime) -> list[tuple[Level, str]]:
    """Return what is to be told of copies elsewhere, where there are to be any."""
    if not facts.is_copied:
        return []
    level = Level.WARNING if facts.is_copy_late else Level.OK
    if facts.protected_at is None:
        return [(level, _("no backup has a checked copy elsewhere"))]
    age = _write_hours((now - facts.protected_at).total_seconds() / 3600)
    return [(level, _("last backup with a checked copy elsewhere %(age)s h ago") % {"age": age})]


def _tell_failure(facts: BackupFacts, told: str, because: str) -> str:
    return because % {"cause": facts.failed_because} if facts.failed_because else told


def _write_hours(hours: float) -> str:
    return str(number_format(round(hours, 1), decimal_pos=1))


def _assess_age(age_hours: float, *, warning_hours: int, critical_hours: int) -> tuple[Level, str]:
    if is_in_future(age_hours):
        ahead = {"hours": _write_hours(-age_hours)}
        return Level.UNKNOWN, _("the last good backup is dated %(hours)s h in the future: look at the clocks") % ahead
    text = _("last good backup %(age)s h ago") % {"age": _write_hours(age_hours)}
    if age_hours > critical_hours:
        return Level.CRITICAL, text
    return (Level.WARNING if age_hours > warning_hours else Level.OK), text


def _make_freshness(
    facts: BackupFacts, judgements: Sequence[tuple[Level, str]], *, age_hours: float | None, now: datetime
) -> Freshness:
    return Freshness(
        instance=facts.instance,
        level=select_worst([level for level, _text in judgements]),
        reasons=tuple(text for _level, text in judgements),
        age_hours=age_hours,
        protected_hours=None if facts.protected_at is None else (now - facts.protected_at).total_seconds() / 3600,
        proof_days=None if facts.proven_at is None else (now - facts.proven_at).total_seconds() / 86_400,
    )

"""What becomes of each set of an instance by its policy, or by one that is only thought of, and when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext as _

from backups.models import BackupPolicy
from backups.policies import FIELDS, find_policy
from backups.policy_rules import COUNTS, MOST_COUNTS
from backups.selectors import list_held_sets
from domain.errors import InvalidValue
from domain.schedules import BACKUPS_END_HOUR, compute_backup_time, is_backup_night
from programs.sets.retention import Decision, RetentionRule, decide_retention, predict_departures
from tenants.models import Instance

# Departures are foretold for so many backups to come, at most so far ahead.
FORESEEN_RUNS = 400
FORESEEN_DAYS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of a set. `goes_at`: when it goes if backups go on as planned; now for one that goes, None for one
    that stays as far as can be foreseen."""

    decision: Decision
    goes_at: datetime | None


def decide_for(instance: Instance, rule: RetentionRule, *, now: datetime) -> tuple[Decision, ...]:
    """Return what `rule` decides of each set of the instance, the oldest first."""
    return decide_retention(list_held_sets(instance), rule, now=now, timezone=get_default_timezone())


def make_override(policy: BackupPolicy, *, older_than_days: int) -> RetentionRule:
    """Return the rule by which all sets of the last days stay, and no older ones; safety and final copies keep their
    own time."""
    rule = policy.make_rule()
    return RetentionRule(keep_within_days=older_than_days, safety_days=rule.safety_days, final_days=rule.final_days)


def make_thought_policy(policy: BackupPolicy, counts: Mapping[str, int]) -> BackupPolicy:
    """Return a policy that is in no table: as `policy`, but it keeps what `counts` says and nothing else. Raise
    InvalidValue for counts out of bounds, or that keep nothing."""
    values = {name: getattr(policy, name) for name in FIELDS if name not in COUNTS}
    thought = BackupPolicy(**{**values, **counts, "name": "-"})
    if not any(counts.values()):
        raise InvalidValue(field=min(counts), reason=_("keep something."), well_formed=True)
    for name, count in counts.items():
        most = MOST_COUNTS[name]
        if not 0 <= count <= most:
            reason = _("give a number from 0 to %(most)s.") % {"most": most}
            raise InvalidValue(field=name, reason=reason, well_formed=True)
    return thought


def preview_retention(instance: Instance, policy: BackupPolicy | None = None, *, now: datetime) -> list[Fate]:
    """Return the fate of each set, the oldest first, by `policy` (the instance's own by default), if every backup to
    come is good."""
    policy = policy or find_policy(instance)
    held, rule, timezone = list_held_sets(instance), policy.make_rule(), get_default_timezone()
    decisions = decide_retention(held, rule, now=now, timezone=timezone)
    runs = list(list_runs(instance, policy, now=now))
    # What reads a set ends long before the next backups.
    free = [replace(one, held_by=()) for one in held]
    gone = predict_departures(free, rule, now=now, timezone=timezone, runs=runs)
    return [Fate(decision=one, goes_at=gone.get(one.held.backup_id) if one.keep else now) for one in decisions]


def list_runs(instance: Instance, policy: BackupPolicy, *, now: datetime) -> Iterator[datetime]:
    """Yield when the next backups of the instance are due, ascending."""
    schedule = policy.make_schedule()
    hour, minute = compute_backup_time(instance.identifier, schedule)
    first = localtime(now).date() - timedelta(days=1)
    count = 0
    for number in range(FORESEEN_DAYS):
        night = first + timedelta(days=number)
        if not is_backup_night(instance.identifier, schedule, night):
            continue
        day = night + timedelta(days=int(hour < BACKUPS_END_HOUR))
        run = datetime.combine(day, time(hour, minute), tzinfo=get_default_timezone())
        if run > now:
            yield run
            count += 1
        if count == FORESEEN_RUNS:
            return

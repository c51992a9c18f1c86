"""How full the backup volume of an instance is, how fast it fills, and when it is full if that goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backups.models import Backup
from backups.policies import find_policy
from backups.selectors import list_whole_backups
from domain.schedules import Frequency
from programs.sets.retention import RetentionRule
from tenants.models import Instance
from tenants.specs import compute_volume_bytes

LOOKED_AT = 30
# Told before the volume is full, so many days ahead.
WARNED_DAYS = 14
# Beside what stays: the set that is being made, and the safety copy of a restore.
FREE_SETS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fullness:
    """What the last run told, and where it leads. Bytes; `daily_growth` of the last weeks, None where it is not known;
    `full_in_days` None where the volume does not fill."""

    volume_bytes: int
    free_bytes: int
    daily_growth: float | None
    full_in_days: int | None

    @property
    def percent(self) -> int:
        """Return how full it is."""
        return round(100 * (1 - self.free_bytes / self.volume_bytes)) if self.volume_bytes else 100


def find_fullness(instance: Instance) -> Fullness | None:
    """Return what is known of the instance's backup volume; None where no run has told yet."""
    rows = Backup.objects.filter(instance=instance, volume_bytes__isnull=False, free_bytes__isnull=False)
    told = [
        (row.started_at, row.volume_bytes or 0, row.free_bytes or 0) for row in rows.order_by("-started_at")[:LOOKED_AT]
    ]
    if not told:
        return None
    # Only since it has its present size.
    same = [(at, free) for at, size, free in told if size == told[0][1]]
    return compute_fullness(told[0][1], same)


def compute_fullness(volume_bytes: int, seen: Sequence[tuple[datetime, int]]) -> Fullness:
    """Return where the volume is going. `seen`: (when, free bytes), newest first, not empty."""
    (last_at, last_free), (first_at, first_free) = seen[0], seen[-1]
    days = (last_at - first_at).total_seconds() / 86_400
    growth = (first_free - last_free) / days if days >= 1 else None
    full_in = int(last_free / growth) if growth is not None and growth > 0 else None
    return Fullness(volume_bytes=volume_bytes, free_bytes=last_free, daily_growth=growth, full_in_days=full_in)


def count_kept_sets(rule: RetentionRule, frequency: str) -> int:
    """Return how many sets of one a night, week or month stay at most, by what the rule says of periods."""
    days = {Frequency.NIGHTLY.value: 1, Frequency.WEEKLY.value: 7, Frequency.MONTHLY.value: 30}[frequency]
    counts = [rule.keep_last, rule.keep_within_days // days + bool(rule.keep_within_days)]
    recent = max([1, *counts, rule.keep_daily if days == 1 else 0])
    weekly, monthly = rule.keep_weekly, rule.keep_monthly
    # What stands for a week stands for its last day too: only older ones are further sets.
    further = max(0, weekly - recent * days // 7) if days < 30 else 0
    reached_days = max(recent * days, weekly * 7 if days < 30 else 0)
    if days == 30:
        return max(recent, weekly, monthly) + rule.keep_yearly
    return recent + further + max(0, monthly - reached_days // 30) + rule.keep_yearly


def compute_needed_bytes(instance: Instance) -> int | None:
    """Return what the sets that the policy keeps will take, with room to make one and its safety copy; None while there
    is no good whole set to judge from."""
    last = list_whole_backups(instance).exclude(stored_bytes=None).first()
    if last is None or last.stored_bytes is None:
        return None
    policy = find_policy(instance)
    return (count_kept_sets(policy.make_rule(), policy.frequency) + FREE_SETS) * last.stored_bytes


def list_volume_notes(instance: Instance) -> list[str]:
    """Return what people should know before the volume is full, in sentences with what to do."""
    notes = []
    fullness = find_fullness(instance)
    hint = _("Give it a larger volume (backup_enlarge %(instance)s), keep fewer days, or use the codec zstd.")
    names: dict[str, Any] = {"instance": instance.identifier}
    if fullness is not None and fullness.full_in_days is not None and fullness.full_in_days <= WARNED_DAYS:
        text = ngettext(
            "The backup volume of %(instance)s is full in %(days)s day.",
            "The backup volume of %(instance)s is full in %(days)s days.",
            fullness.full_in_days,
        )
        notes.append(f"{text % {**names, 'days': fullness.full_in_days}} {hint % names}")
    needed, size = compute_needed_bytes(instance), _find_size(instance, fullness)
    if needed is not None and needed > size:
        text = _("What its policy keeps will take about %(needed)s, and its backup volume has %(size)s.")
        names |= {"needed": filesizeformat(needed), "size": filesizeformat(size)}
        notes.append(f"{text % names} {hint % names}")
    return notes


def describe_volume(instance: Instance) -> dict[str, Any]:
    """Return `facts`, (name, text) of the backup volume, and `notes`, what people should do, for the pages."""
    fullness = find_fullness(instance)
    needed = compute_needed_bytes(instance)
    facts = []
    if fullness is not None:
        names = {"free": filesizeformat(fullness.free_bytes), "size": filesizeformat(fullness.volume_bytes)}
        text = _("%(percent)s %% full, %(free)s free of %(size)s") % {**names, "percent": fullness.percent}
        facts.append((_("Backup volume"), text))
    if fullness is not None and fullness.daily_growth is not None:
        facts.append((_("It grows a day by"), filesizeformat(max(0, fullness.daily_growth))))
    if fullness is not None and fullness.full_in_days is not None:
        facts.append((_("Full in (days)"), str(fullness.full_in_days)))
    if needed is not None:
        facts.append((_("What its policy will take"), filesizeformat(needed)))
    return {"facts": facts, "notes": list_volume_notes(instance)}


def _find_size(instance: Instance, fullness: Fullness | None) -> int:
    if fullness is not None:
        return fullness.volume_bytes
    return compute_volume_bytes(instance.plan, instance.grown_volumes)["backups_volume_bytes"]

"""Which sets a place keeps, and which it lets go. Pure: the manager, its doors and the pod that prunes while the
manager is away all ask `decide_retention`, so that a preview is what happens.

The rule's numbers are the field's: of the last N days that have a good set, the newest set of each day is kept; the
same of ISO weeks, months and years. Days begin at midnight of the zone that is given. Periods without a set do not
count, so that nothing goes because backups have stopped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

# A set dated later than this after `now` is of a clock that was wrong: it stays, and holds nobody's place.
CLOCK_SKEW = timedelta(minutes=15)
SAFETY, FINAL = "safety", "final"


class Why(StrEnum):
    """Why a set stays (the first ones), or goes (the last three)."""

    NEWEST = "newest"
    PROVEN = "proven"
    LAST_COPY = "last_copy"
    PINNED = "pinned"
    HELD = "held"
    SAFETY = "safety"
    FINAL = "final"
    FUTURE = "future"
    WITHIN = "within"
    LAST = "last"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"
    NO_RULE = "no_rule"
    TIME_OVER = "time_over"
    NOT_GOOD = "not_good"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSet:
    """A set that is in a place.

    `scope`: full, database or files; sets of different scopes never stand for one another. `good`: it can be restored.
    `reason`: why it was taken (safety and final copies have a time of their own). `pinned`: a person keeps it, until
    `pinned_until` if that is given. `proven_at`: when it was last restored for proof. `held_by`: who reads it now, one
    name each. `is_last_copy`: other places should have it and have not.
    """

    backup_id: str
    started_at: datetime
    scope: str
    good: bool
    stored_bytes: int = 0
    reason: str = "requested"
    pinned: bool = False
    pinned_until: datetime | None = None
    proven_at: datetime | None = None
    held_by: tuple[str, ...] = ()
    is_last_copy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """How many sets stay: the last ones, the newest of each of the last days, weeks, months and years that have one,
    and all sets of the last `keep_within_days` days. Safety and final copies stay for days of their own. 0: none."""

    keep_last: int = 0
    keep_daily: int = 0
    keep_weekly: int = 0
    keep_monthly: int = 0
    keep_yearly: int = 0
    keep_within_days: int = 0
    safety_days: int = 0
    final_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason. `period`: the day, ISO week, month or year that the set stands for; `until`: the moment at which the
    reason ends by itself, None where it does not; `name`: who reads the set."""

    why: Why
    period: str = ""
    until: datetime | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of one set. `reasons`: all for which it stays, or the one for which it goes; never empty."""

    held: HeldSet
    keep: bool
    reasons: tuple[Reason, ...]


def decide_retention(
    held: Iterable[HeldSet], rule: RetentionRule, *, now: datetime, timezone: tzinfo
) -> tuple[Decision, ...]:
    """Return what becomes of each set of one place, the oldest first. `now` and the sets' times bear a zone.

    Whatever the rule: the newest good set of each scope stays (also the newest that is no safety copy), the newest
    proven one, pinned and held ones, safety and final copies for their time. A set that is not good takes no good
    one's place, and stays until there is a good one of its scope that is newer.
    """
    sets = sorted(held, key=_get_order)
    reasons: dict[str, list[Reason]] = {one.backup_id: [] for one in sets}
    present = [one for one in sets if one.started_at <= now + CLOCK_SKEW]
    for scope in sorted({one.scope for one in sets}):
        good = [one for one in present if one.scope == scope and one.good]
        counted = [one for one in good if one.reason not in (SAFETY, FINAL)]
        _keep_newest(reasons, good, counted)
        _keep_last_of_bad(reasons, [one for one in present if one.scope == scope], good)
        for one in counted[::-1][: rule.keep_last]:
            reasons[one.backup_id].append(Reason(why=Why.LAST))
        for why, count, name_period in _list_periods(rule):
            for period, one in select_of_periods(counted, count, name_period, timezone=timezone):
                reasons[one.backup_id].append(Reason(why=why, period=period))
    for one in sets:
        reasons[one.backup_id] += _list_own_reasons(one, rule, now=now, timezone=timezone)
    return tuple(_decide(one, tuple(reasons[one.backup_id])) for one in sets)


def predict_departures(
    held: Iterable[HeldSet], rule: RetentionRule, *, now: datetime, timezone: tzinfo, runs: Sequence[datetime]
) -> dict[str, datetime]:
    """Return when each set goes, by identifier, if a good full set is made at each of `runs` (ascending) and everything
    else stays as it is; a set that stays beyond the last of them is not in the answer."""
    kept = [one.held for one in decide_retention(held, rule, now=now, timezone=timezone) if one.keep]
    known = {one.backup_id for one in kept}
    gone: dict[str, datetime] = {}
    for number, run in enumerate(runs):
        made = HeldSet(backup_id=f"~{number}", started_at=run, scope="full", good=True, reason="scheduled")
        decisions = decide_retention([*kept, made], rule, now=run, timezone=timezone)
        gone |= {one.held.backup_id: run for one in decisions if not one.keep and one.held.backup_id in known}
        kept = [one.held for one in decisions if one.keep]
        if known <= gone.keys():
            break
    return gone


def select_newest(sets: Iterable[HeldSet]) -> dict[str, HeldSet]:
    """Return the newest good set of each scope."""
    return {one.scope: one for one in sorted(sets, key=_get_order) if one.good}


def select_of_periods(
    sets: Sequence[HeldSet], count: int, name_period: Callable[[date], str], *, timezone: tzinfo
) -> list[tuple[str, HeldSet]]:
    """Return the newest set of each of the last `count` periods that have one, the newest first. `sets`: ascending."""
    found: dict[str, HeldSet] = {}
    for one in reversed(sets):
        if len(found) == count:
            break
        found.setdefault(name_period(one.started_at.astimezone(timezone).date()), one)
    return list(found.items())


def compute_end(begun_at: datetime, days: int, *, timezone: tzinfo) -> datetime:
    """Return the midnight at which `days` whole days after the day of `begun_at` are over."""
    day = begun_at.astimezone(timezone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), tzinfo=timezone)


def name_week(day: date) -> str:
    """Return the ISO week of a day, as 2026-W53."""
    year, week, _day = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def name_month(day: date) -> str:
    """Return the month of a day, as 2026-11."""
    return f"{day.year:04d}-{day.month:02d}"


def name_year(day: date) -> str:
    """Return the year of a day."""
    return f"{day.year:04d}"


def _list_periods(rule: RetentionRule) -> tuple[tuple[Why, int, Callable[[date], str]], ...]:
    return (
        (Why.DAILY, rule.keep_daily, date.isoformat),
        (Why.WEEKLY, rule.keep_weekly, name_week),
        (Why.MONTHLY, rule.keep_monthly, name_month),
        (Why.YEARLY, rule.keep_yearly, name_year),
    )


def _get_order(one: HeldSet) -> tuple[datetime, str]:
    return one.started_at, one.backup_id


def _keep_newest(reasons: Mapping[str, list[Reason]], good: Sequence[HeldSet], counted: Sequence[HeldSet]) -> None:
    whole = [one for one in good if one.reason != SAFETY]
    newest = {one.backup_id for group in (good, whole, counted) for one in group[-1:]}
    for name in newest:
        reasons[name].append(Reason(why=Why.NEWEST))
    for proven in [one for one in good if one.proven_at is not None][-1:]:
        reasons[proven.backup_id].append(Reason(why=Why.PROVEN))


def _keep_last_of_bad(reasons: Mapping[str, list[Reason]], every: Sequence[HeldSet], good: Sequence[HeldSet]) -> None:
    """Keep the sets that are not good as long as no newer one is: part of them may be all that is left."""
    newest = _get_order(good[-1]) if good else None
    for one in every:
        if not one.good and (newest is None or _get_order(one) > newest):
            reasons[one.backup_id].append(Reason(why=Why.LAST_COPY))


def _list_own_reasons(one: HeldSet, rule: RetentionRule, *, now: datetime, timezone: tzinfo) -> list[Reason]:
    """Return the reasons that a set has whatever stands beside it."""
    found = []
    if one.started_at > now + CLOCK_SKEW:
        found.append(Reason(why=Why.FUTURE))
    if one.pinned and (one.pinned_until is None or now < one.pinned_until):
        found.append(Reason(why=Why.PINNED, until=one.pinned_until))
    found += [Reason(why=Why.HELD, name=name) for name in one.held_by]
    if one.is_last_copy:
        found.append(Reason(why=Why.LAST_COPY))
    times = [(Why.WITHIN, rule.keep_within_days if one.good else 0)]
    times += [(Why.SAFETY, rule.safety_days)] if one.reason == SAFETY else []
    times += [(Why.FINAL, rule.final_days)] if one.reason == FINAL else []
    for why, days in times:
        end = compute_end(one.started_at, days, timezone=timezone)
        if days and now < end:
            found.append(Reason(why=why, until=end))
    return found


def _decide(one: HeldSet, reasons: tuple[Reason, ...]) -> Decision:
    if reasons:
        return Decision(held=one, keep=True, reasons=reasons)
    why = Why.NOT_GOOD if not one.good else Why.TIME_OVER if one.reason in (SAFETY, FINAL) else Why.NO_RULE
    return Decision(held=one, keep=False, reasons=(Reason(why=why),))

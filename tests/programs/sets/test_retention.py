"""What a place keeps: tables of dates, and random histories against an oracle that is written differently."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.sets.retention import (
    Decision,
    HeldSet,
    RetentionRule,
    Why,
    compute_end,
    decide_retention,
    name_week,
    predict_departures,
    select_newest,
)

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def make_set(days: float = 0, scope: str = "full", *, at: str = "", **values: object) -> HeldSet:
    began = datetime.fromisoformat(at).replace(tzinfo=PARIS) if at else NOW - timedelta(days=days)
    name = f"{scope}-{at or days}"
    return HeldSet(**{"backup_id": name, "started_at": began, "scope": scope, "good": True, **values})


def decide(held: Sequence[HeldSet], rule: RetentionRule, now: datetime = NOW) -> tuple[Decision, ...]:
    return decide_retention(held, rule, now=now, timezone=PARIS)


def list_gone(held: Sequence[HeldSet], rule: RetentionRule, now: datetime = NOW) -> list[str]:
    return [one.held.backup_id for one in decide(held, rule, now) if not one.keep]


def find_reasons(held: Sequence[HeldSet], rule: RetentionRule, now: datetime = NOW) -> dict[str, list[str]]:
    return {one.held.backup_id: [reason.why.value for reason in one.reasons] for one in decide(held, rule, now)}


WITHIN_400 = RetentionRule(keep_within_days=400)


@pytest.mark.parametrize(
    ("held", "old"),
    [
        ([], []),
        ([make_set(900)], []),
        ([make_set(900), make_set(800)], ["full-900"]),
        ([make_set(1), make_set(800), make_set(900)], ["full-900", "full-800"]),
        ([make_set(1), make_set(399), make_set(400), make_set(401)], ["full-401"]),
        # A set that cannot be restored keeps no good one from staying, and stays itself while nothing better is newer.
        ([make_set(500, good=False), make_set(600)], []),
        ([make_set(1), make_set(500, good=False), make_set(600)], ["full-600", "full-500"]),
        ([make_set(1, good=False), make_set(600), make_set(700)], ["full-700"]),
        # What holds less is no substitute.
        ([make_set(1, "files"), make_set(1, "database"), make_set(600)], []),
        ([make_set(500, "files"), make_set(600, "files"), make_set(600)], ["files-600"]),
        # A safety copy, newer than anything, stands for no whole backup.
        ([make_set(500, reason="safety"), make_set(600)], []),
        ([make_set(1), make_set(500, reason="safety"), make_set(600)], ["full-600", "full-500"]),
    ],
)
def test_the_newest_good_set_of_each_scope_stays(held: list[HeldSet], old: list[str]) -> None:
    assert list_gone(held, WITHIN_400) == old
    newest = {one.backup_id for one in select_newest(held).values()}
    assert newest.isdisjoint(old) and bool(newest) == any(one.good for one in held)


def test_of_two_of_one_moment_one_stays() -> None:
    held = [make_set(500, backup_id=name) for name in "ba"]
    assert list_gone(held, RetentionRule()) == ["a"]


def test_periods_are_days_weeks_months_and_years_of_paris() -> None:
    nights = [make_set(at=f"2026-11-{day:02d}T01:40") for day in range(1, 27)]
    assert len(nights) - len(list_gone(nights, RetentionRule(keep_daily=7))) == 7
    weeks = decide(nights, RetentionRule(keep_weekly=3))
    # Sundays, and today's week so far.
    kept = [one.held.started_at.day for one in weeks if one.keep]
    assert kept == [15, 22, 26]
    months = [make_set(at=f"2026-{month:02d}-{day}T23:30") for month in range(1, 12) for day in ("01", "28")]
    assert [one.held.backup_id for one in decide(months, RetentionRule(keep_monthly=2), NOW) if one.keep] == [
        "full-2026-10-28T23:30",
        "full-2026-11-01T23:30",
        "full-2026-11-28T23:30",  # dated after now: it stays, and holds nobody's place
    ]
    years = [make_set(at=f"{year}-12-31T23:30") for year in range(2020, 2026)]
    assert len(list_gone(years, RetentionRule(keep_yearly=4))) == 2


def test_midnight_is_that_of_paris_on_both_sides_of_a_change_of_hour() -> None:
    # 23:30 and 00:30 of Paris are one day of UTC (in winter 22:30 and 23:30).
    evening, night = make_set(at="2026-10-24T23:30"), make_set(at="2026-10-25T00:30")
    assert list_gone([evening, night], RetentionRule(keep_daily=2)) == []
    # The hour that comes twice is one day's; the hour that does not come at all is no fault.
    twice = [
        replace(make_set(at="2026-10-25T02:30"), backup_id=str(n), started_at=instant)
        for n, instant in enumerate(
            (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
        )
    ]
    assert list_gone([evening, *twice], RetentionRule(keep_daily=2)) == ["0"]
    never = make_set(at="2026-03-29T02:30")
    assert compute_end(never.started_at, 1, timezone=PARIS) == datetime(2026, 3, 31, tzinfo=PARIS)
    # A day of 25 hours is one day.
    end = compute_end(datetime(2026, 10, 24, 22, 30, tzinfo=UTC), 0, timezone=PARIS)
    assert end.astimezone(UTC) == datetime(2026, 10, 25, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "week"),
    [("2026-12-31", "2026-W53"), ("2027-01-03", "2026-W53"), ("2027-01-04", "2027-W01"), ("2024-12-30", "2025-W01")],
)
def test_weeks_are_those_of_iso(day: str, week: str) -> None:
    assert name_week(datetime.fromisoformat(day).date()) == week


def test_no_period_counts_that_has_no_set() -> None:
    held = [make_set(days) for days in (200, 201, 202, 400)]
    assert list_gone(held, RetentionRule(keep_daily=3)) == ["full-400"]


def test_what_failed_pushes_nothing_out() -> None:
    held = [make_set(days, good=days > 3) for days in range(1, 9)]
    assert list_gone(held, RetentionRule(keep_last=2)) == ["full-8", "full-7", "full-6"]


def test_what_is_kept_whatever_the_rule() -> None:
    newest = make_set(1)
    for odd, why in (
        (make_set(900, pinned=True), "pinned"),
        (make_set(900, pinned=True, pinned_until=NOW + timedelta(seconds=1)), "pinned"),
        (make_set(900, held_by=("op-1",)), "held"),
        (make_set(900, proven_at=NOW - timedelta(days=800)), "proven"),
        (make_set(900, is_last_copy=True), "last_copy"),
        (make_set(-30), "future"),
        (make_set(900, "files"), "newest"),
    ):
        assert find_reasons([newest, odd], RetentionRule())[odd.backup_id] == [why]
    for odd in (
        make_set(900, pinned=True, pinned_until=NOW),
        make_set(900, pinned_until=NOW + timedelta(days=1)),
        make_set(900, good=False, proven_at=NOW),
    ):
        assert list_gone([newest, odd], RetentionRule()) == [odd.backup_id]
    proven = [make_set(days, proven_at=NOW) for days in (900, 800)]
    assert list_gone([newest, *proven], RetentionRule()) == ["full-900"]


def test_safety_and_final_copies_have_their_own_time_and_take_nobody_s_place() -> None:
    rule = RetentionRule(keep_last=1, safety_days=7, final_days=90)
    held = [
        make_set(20),
        make_set(10),
        make_set(7, reason="safety"),
        make_set(8, "full", reason="safety"),
        make_set(0.1, reason="safety"),
        make_set(91, reason="final"),
        make_set(90, reason="final"),
    ]
    assert list_gone(held, rule) == ["full-91", "full-20", "full-8"]
    gone = next(one for one in decide(held, rule) if one.held.backup_id == "full-8")
    assert gone.reasons[0].why is Why.TIME_OVER
    safety = next(one for one in decide(held, rule) if one.held.backup_id == "full-7")
    assert [reason.until for reason in safety.reasons] == [datetime(2026, 11, 27, tzinfo=PARIS)]


def test_a_departure_is_foretold_as_it_happens() -> None:
    held = [make_set(at=f"2026-11-{day:02d}T01:40") for day in range(20, 27)]
    runs = [datetime(2026, 11, 26, 1, 40, tzinfo=PARIS) + timedelta(days=n) for n in range(1, 30)]
    gone = predict_departures(held, RetentionRule(keep_daily=7), now=NOW, timezone=PARIS, runs=runs)
    assert [gone[one.backup_id] for one in held] == runs[:7]
    pinned = [replace(held[0], pinned=True), *held[1:]]
    gone = predict_departures(pinned, RetentionRule(keep_daily=7), now=NOW, timezone=PARIS, runs=runs)
    assert held[0].backup_id not in gone and len(gone) == 6


# --- Random histories ------------------------------------------------------------------------------------------------

MOMENTS = st.integers(0, 900 * 24).map(lambda hours: NOW - timedelta(hours=hours, minutes=7))
SETS = st.builds(
    HeldSet,
    backup_id=st.uuids().map(str),
    started_at=st.one_of(MOMENTS, st.just(NOW + timedelta(days=2)), st.just(NOW - timedelta(days=3))),
    scope=st.sampled_from(["full", "database", "files"]),
    good=st.booleans(),
    reason=st.sampled_from(["requested", "scheduled", "safety", "final"]),
    pinned=st.integers(0, 9).map(lambda n: n == 0),
    pinned_until=st.sampled_from([None, NOW - timedelta(days=1), NOW + timedelta(days=1)]),
    proven_at=st.sampled_from([None, None, NOW - timedelta(days=1)]),
    held_by=st.sampled_from([(), (), (), ("op",)]),
    is_last_copy=st.integers(0, 9).map(lambda n: n == 0),
)
HISTORIES = st.lists(SETS, max_size=40, unique_by=lambda one: one.backup_id)
COUNTS = st.integers(0, 6)
RULES = st.builds(
    RetentionRule,
    keep_last=COUNTS,
    keep_daily=COUNTS,
    keep_weekly=COUNTS,
    keep_monthly=COUNTS,
    keep_yearly=COUNTS,
    keep_within_days=st.integers(0, 60),
    safety_days=st.integers(0, 60),
    final_days=st.integers(0, 60),
)


def stays_by_oracle(one: HeldSet, held: Sequence[HeldSet], rule: RetentionRule) -> bool:
    """Say of one set whether it stays, by counting what is newer than it."""
    key = lambda x: (x.started_at, x.backup_id)  # noqa: E731
    real = [x for x in held if x.started_at <= NOW + timedelta(minutes=15) and x.scope == one.scope]
    if one not in real or one.held_by or one.is_last_copy:
        return True
    if one.pinned and not (one.pinned_until and one.pinned_until <= NOW):
        return True
    newer = [x for x in real if key(x) > key(one) and x.good]
    age_days = (NOW.astimezone(PARIS).date() - one.started_at.astimezone(PARIS).date()).days
    own = {"safety": rule.safety_days, "final": rule.final_days}.get(one.reason, 0)
    if own and age_days <= own:
        return True
    if not one.good:
        return not newer
    if rule.keep_within_days and age_days <= rule.keep_within_days:
        return True
    if not newer or (one.proven_at and not any(x.proven_at for x in newer)):
        return True
    if one.reason != "safety" and not any(x.reason != "safety" for x in newer):
        return True
    if one.reason in ("safety", "final"):
        return False
    rivals = [x for x in newer if x.reason in ("requested", "scheduled")]
    if not rivals or len(rivals) < rule.keep_last:
        return True
    for count, pattern in (
        (rule.keep_daily, "%Y %j"),
        (rule.keep_weekly, "%G %V"),
        (rule.keep_monthly, "%Y %m"),
        (rule.keep_yearly, "%Y"),
    ):
        periods = {x.started_at.astimezone(PARIS).strftime(pattern) for x in rivals}
        if one.started_at.astimezone(PARIS).strftime(pattern) not in periods and len(periods) < count:
            return True
    return False


@given(held=HISTORIES, rule=RULES)
def test_a_random_history_is_judged_as_by_the_oracle(held: list[HeldSet], rule: RetentionRule) -> None:
    decisions = decide(held, rule)
    assert {one.held.backup_id: one.keep for one in decisions} == {
        one.backup_id: stays_by_oracle(one, held, rule) for one in held
    }
    assert all(one.reasons for one in decisions)
    assert [one.held for one in decisions] == sorted(held, key=lambda one: (one.started_at, one.backup_id))


@given(held=HISTORIES, rule=RULES)
def test_what_stays_stays_when_the_rest_is_gone(held: list[HeldSet], rule: RetentionRule) -> None:
    kept = [one.held for one in decide(held, rule) if one.keep]
    assert list_gone(kept, rule) == []


@given(held=HISTORIES, rule=RULES, extra=SETS)
def test_a_failed_run_changes_nothing_for_the_others(held: list[HeldSet], rule: RetentionRule, extra: HeldSet) -> None:
    failed = replace(extra, backup_id="failed", good=False)
    assert set(list_gone([*held, failed], rule)) - {"failed"} == set(list_gone(held, rule))

"""How full the backup volume is, and what is told before it is full."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from backups.volumes import compute_fullness, count_kept_sets, describe_volume, find_fullness, list_volume_notes
from programs.sets.retention import RetentionRule
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

NOW = datetime(2026, 11, 26, tzinfo=UTC)
GIBIBYTE = 1024**3


@pytest.mark.parametrize(
    ("free", "days", "full_in"),
    [
        ([100, 110], 1, 10),
        ([100, 130], 10, 33),
        ([100, 100], 1, None),
        ([100, 90], 1, None),  # it empties
        ([100], 0, None),
        ([100, 110], 0.5, None),  # too short to tell
        ([0, 10], 1, 0),
    ],
)
def test_growth_is_told_once_a_day_has_passed(free: list[int], days: float, full_in: int | None) -> None:
    seen = [(NOW - timedelta(days=days * number), one) for number, one in enumerate(free)]
    assert compute_fullness(200, seen).full_in_days == full_in


@pytest.mark.parametrize(
    ("rule", "frequency", "count"),
    [
        (RetentionRule(keep_daily=30), "nightly", 30),
        (RetentionRule(keep_daily=30, keep_monthly=12), "nightly", 41),
        (RetentionRule(keep_weekly=4), "weekly", 4),
        (RetentionRule(keep_monthly=3), "monthly", 3),
        (RetentionRule(keep_within_days=7), "nightly", 8),
        (RetentionRule(keep_last=5, keep_yearly=2), "nightly", 7),
    ],
)
def test_how_many_sets_a_policy_keeps(rule: RetentionRule, frequency: str, count: int) -> None:
    assert count_kept_sets(rule, frequency) == count


@pytest.mark.django_db
def test_people_are_told_before_the_volume_is_full() -> None:
    paul = make_instance_row()
    assert find_fullness(paul) is None and list_volume_notes(paul) == []
    size = 2 * GIBIBYTE
    for days in range(3):
        free = GIBIBYTE // 10 * (5 + days)
        make_backup_row(paul, hours_ago=24 * days, stored_bytes=GIBIBYTE // 10, volume_bytes=size, free_bytes=free)
    fullness = find_fullness(paul)
    assert fullness is not None and (fullness.full_in_days, fullness.percent) == (4, 75)
    with translation.override("en"):
        filling, too_small = list_volume_notes(paul)
        assert "full in 4 days" in filling and "backup_enlarge saint-paul" in filling
        # 41 sets and two more of 102 MiB on 2 GiB.
        assert "4.3" in too_small and "2.0" in too_small
        assert len(describe_volume(paul)["facts"]) == 4


@pytest.mark.django_db
def test_an_earlier_size_of_the_volume_says_nothing_of_its_growth() -> None:
    paul = make_instance_row()
    make_backup_row(paul, hours_ago=48, volume_bytes=GIBIBYTE, free_bytes=GIBIBYTE // 2)
    make_backup_row(paul, hours_ago=24, volume_bytes=2 * GIBIBYTE, free_bytes=GIBIBYTE)
    fullness = find_fullness(paul)
    assert fullness is not None and fullness.daily_growth is None

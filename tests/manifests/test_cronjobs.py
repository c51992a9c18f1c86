"""Schedules are spread over the fleet, stay the same, and avoid the hour that comes twice."""

import re
from collections import Counter

import pytest

from domain.specs import ALL_COMPONENTS, Component, InstanceKind
from manifests.cronjobs import (
    compute_backup_schedule,
    compute_cron_schedule,
    is_backup_suspended,
    is_cron_suspended,
)
from tests.builders import make_spec

FLEET = [f"parish-{number}" for number in range(3000)]


def test_the_cron_runs_every_ten_minutes_at_ten_different_minutes() -> None:
    found = Counter(compute_cron_schedule(identifier) for identifier in FLEET)
    assert set(found) == {f"{minute}-59/10 * * * *" for minute in range(10)}
    assert max(found.values()) < 1.5 * len(FLEET) / 10


def test_backups_run_at_night_never_between_two_and_three() -> None:
    found = Counter(compute_backup_schedule(identifier) for identifier in FLEET)
    hours = Counter()
    for schedule, count in found.items():
        parts = re.fullmatch(r"([0-9]|[1-5][0-9]) ([0-9]+) \* \* \*", schedule)
        assert parts is not None
        hours[int(parts[2])] += count
    assert set(hours) == {22, 23, 0, 1, 3, 4}
    assert max(hours.values()) < 1.25 * len(FLEET) / 6
    assert len(found) == 360 and max(found.values()) <= 25


def test_an_instance_keeps_its_minutes() -> None:
    assert compute_cron_schedule("saint-paul") == "3-59/10 * * * *"
    assert compute_backup_schedule("saint-paul") == "49 3 * * *"


@pytest.mark.parametrize(
    ("components", "kind", "cron", "backup"),
    [
        (ALL_COMPONENTS, InstanceKind.PRODUCTION, False, False),
        (ALL_COMPONENTS - {Component.CRON}, InstanceKind.PRODUCTION, True, False),
        (frozenset({Component.DB}), InstanceKind.PRODUCTION, True, True),
        (frozenset(), InstanceKind.PRODUCTION, True, True),
        (ALL_COMPONENTS, InstanceKind.SANDBOX, False, True),
    ],
)
def test_what_is_suspended(components: frozenset[Component], kind: InstanceKind, cron: bool, backup: bool) -> None:
    spec = make_spec(components=components, kind=kind)
    assert (is_cron_suspended(spec), is_backup_suspended(spec)) == (cron, backup)


def test_a_held_backup_is_off_whatever_runs() -> None:
    spec = make_spec(backups_held=True)
    assert (is_cron_suspended(spec), is_backup_suspended(spec)) == (False, True)

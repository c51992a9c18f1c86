"""Each instance has a place of its own among all, the same for ever."""

from collections import Counter

from domain.schedules import BACKUP_HOURS, compute_backup_time, compute_cron_minute, compute_slot

FLEET = [f"parish-{number}" for number in range(3000)]


def test_places_are_evenly_spread_and_differ_by_purpose() -> None:
    found = Counter(compute_slot(identifier, "test", 60) for identifier in FLEET)
    assert set(found) == set(range(60)) and max(found.values()) < 2 * len(FLEET) / 60
    assert any(compute_slot(name, "cron", 60) != compute_slot(name, "backup", 60) for name in FLEET[:5])


def test_an_instance_keeps_its_times() -> None:
    assert (compute_cron_minute("saint-paul"), compute_backup_time("saint-paul")) == (3, (3, 49))
    assert {compute_backup_time(identifier)[0] for identifier in FLEET} == set(BACKUP_HOURS)

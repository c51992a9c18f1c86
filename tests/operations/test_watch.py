"""What the manager says of itself: each thing that can be wrong, on real files and the real database."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from operations.models import Pulse
from operations.pulse import CLOCK, SWEEP
from operations.watch import find_full_disks, find_silences, list_manager_faults
from tests.pulses import show_life

NOW = timezone.now()


def list_codes() -> list[str]:
    return [fault.code for fault in list_manager_faults(now=timezone.now())]


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    settings.STATE_FOLDER, settings.BROKER_DIR = tmp_path, tmp_path / "broker"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 4 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_silence_names_its_cause_and_the_clock_comes_before_who_hears_it() -> None:
    seen, old = NOW - timedelta(seconds=100), NOW - timedelta(seconds=121)

    def codes(pulses: dict[str, Any]) -> list[str]:
        return [fault.code for fault in find_silences(pulses, now=NOW)]

    assert codes({CLOCK: seen, SWEEP: seen}) == []
    assert codes({CLOCK: seen, SWEEP: old}) == ["workers_silent"]
    assert codes({CLOCK: old, SWEEP: seen}) == ["clock_silent"]
    assert codes({CLOCK: old, SWEEP: old}) == ["clock_silent"]
    assert codes({CLOCK: seen}) == ["workers_silent"], "never heard"
    assert codes({}) == ["clock_silent"]
    ahead = NOW + timedelta(hours=2)
    assert codes({CLOCK: seen, SWEEP: ahead}) == ["workers_silent"], "a time to come proves nothing"


@pytest.mark.django_db
def test_a_manager_that_works_has_no_fault_and_the_probe_leaves_nothing(tmp_path: Path) -> None:
    show_life()
    assert list_codes() == []
    assert set(Pulse.objects.values_list("name", flat=True)) == {CLOCK, SWEEP}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_each_fault_has_words_and_the_worst_comes_first(settings: Any) -> None:
    settings.DISK_WARNING_MEBIBYTES = 10**9
    faults = list_manager_faults(now=timezone.now())
    assert [(fault.code, fault.is_critical) for fault in faults][0] == ("clock_silent", True)
    assert {fault.code for fault in faults if not fault.is_critical} == {"disk_low"}
    assert all(fault.message and fault.hint for fault in faults)


@pytest.mark.django_db
def test_a_broker_that_is_a_file_is_said(settings: Any) -> None:
    show_life()
    settings.BROKER_DIR.write_text("")
    assert list_codes() == ["broker_unusable"]


@pytest.mark.django_db
def test_a_broker_that_takes_no_file_is_said(settings: Any, small_disk: Path) -> None:
    show_life()
    settings.BROKER_DIR = small_disk
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert "broker_unusable" in list_codes()


@pytest.mark.django_db
def test_a_disk_is_told_before_it_is_full_and_when_it_is(settings: Any, small_disk: Path) -> None:
    show_life()
    settings.STATE_FOLDER, settings.DISK_WARNING_MEBIBYTES = small_disk, 2
    assert list_codes() == []
    (small_disk / "big").write_bytes(b"x" * 3 * 1024**2)
    assert list_codes() == ["disk_low"]
    (small_disk / "rest").touch()
    with pytest.raises(OSError, match="No space"), (small_disk / "rest").open("wb") as file:
        file.write(b"x" * 3 * 1024**2)
    assert list_codes() == ["disk_full"]
    os.unlink(small_disk / "big")
    assert "disk_full" not in list_codes(), "room is made: nothing needs a restart"


def test_one_disk_is_told_once(settings: Any) -> None:
    settings.DISK_WARNING_MEBIBYTES = 10**9
    settings.BROKER_DIR.mkdir()
    devices = {os.stat(folder).st_dev for folder in (settings.STATE_FOLDER, settings.BROKER_DIR)}
    assert len(find_full_disks()) <= len(devices) + 1


@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_no_writes_is_said() -> None:
    show_life()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
    try:
        assert list_codes() == ["database_unwritable"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = OFF")
    assert list_codes() == []


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_said() -> None:
    connection.close()
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "/nonexistent/place.sqlite3"
    try:
        assert list_codes() == ["database_unreachable"]
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name


def test_people_read_times_of_their_own_zone_and_programs_the_whole_one() -> None:
    seen_at = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    (fault,) = find_silences({CLOCK: seen_at, SWEEP: seen_at}, now=seen_at + timedelta(days=1))
    assert fault.params["since"] == "2026-11-30T23:30:00+00:00"
    assert "01/12/2026 00:30" in fault.message and "T23" not in fault.message
    (never,) = find_silences({}, now=seen_at)
    assert "l’installation" in never.message and " - " not in never.message

"""destination_check against real servers: what holds is told, what does not hold is found."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from offsite.checking import check_destination, check_due
from offsite.destinations import create_destination
from offsite.documents import DestinationCheckSerializer
from offsite.models import Destination
from offsite.providers import SETTINGS
from programs.offsite.carrier import PlaceAway
from tests.any_place import any_place
from tests.places_away import ACCOUNT, BUCKET, PASSWORD, find_port, make_bucket, s3_server

pytestmark = pytest.mark.django_db


def make_s3_row(address: str, **change: object) -> Destination:
    access = {"access_key_id": ACCOUNT, "secret_access_key": PASSWORD, "endpoint": address, "region": "us-east-1"}
    return create_destination({"name": "s3", "kind": "s3", "bucket": BUCKET, **access, **change}, requested_by="test")


def list_codes(row: Destination, *, hours: int = 0) -> dict[str, str]:
    findings = check_destination(row, now=timezone.now() + timedelta(hours=hours))
    return {finding.code: finding.level.value for finding in findings}


def test_a_directory_is_proven_and_said_to_replace(destination: Destination, away: Path) -> None:
    assert list_codes(destination) == {
        "place_written": "ok",
        "place_read": "ok",
        "place_listed": "ok",
        "place_clock": "ok",
        "place_replaces": "warning",
    }
    assert destination.level == "warning" and destination.checked_at
    assert not [path for path in away.rglob("*") if path.is_file()]
    told = DestinationCheckSerializer(destination).data
    assert all(finding["message"] and "%" not in finding["message"] for finding in told["findings"])  # type: ignore[attr-defined]


def make_row_of(kind: str, place: PlaceAway) -> Destination:
    """Return the destination that somebody would record of that place."""
    settings = {"container" if kind == "azure" else "folder": place.root.rpartition("/")[2]}
    for name, setting in SETTINGS[kind].items():
        if setting.option in place.options:
            written = place.options[setting.option].replace("\\n", "\n")
            settings[name] = PASSWORD if setting.obscured else written
    if place.known_hosts:
        settings["host_key"] = place.known_hosts.strip().partition(" ")[2]
    return create_destination({"name": "away", "kind": kind, **settings}, requested_by="test")


@pytest.mark.parametrize(
    ("server", "kind", "listed"),
    [
        ("azure", "azure", "place_listed"),
        ("openssh", "sftp", "place_lists_sizes"),
        ("sftp", "sftp", "place_listed"),
        ("webdav", "webdav", "place_lists_sizes"),
    ],
)
def test_what_was_recorded_of_a_server_reaches_it(tmp_path: Path, server: str, kind: str, listed: str) -> None:
    with any_place(server, tmp_path / "place") as place:
        row = make_row_of(kind, place)
        told = {"place_written": "ok", "place_read": "ok", listed: "ok", "place_clock": "ok"}
        assert list_codes(row) == {**told, "place_replaces": "warning"}, row.report


def test_a_lock_is_proven_and_one_that_does_not_hold_is_found(tmp_path: Path) -> None:
    with s3_server(tmp_path) as address:
        make_bucket(address, BUCKET, lock=True)
        row = make_s3_row(address, lock_mode="governance", lock_days=400)
        assert list_codes(row)["place_keeps_versions"] == "ok"
        assert row.level == "ok"
        make_bucket(address, BUCKET, lock=False)
        codes = list_codes(row)
        assert "critical" in codes.values(), codes


def test_a_clock_that_differs_is_found(destination: Destination) -> None:
    assert list_codes(destination, hours=1)["place_clock_differs"] == "warning"


def test_a_place_that_does_not_answer_or_refuses_is_critical_and_tells_no_secret() -> None:
    row = make_s3_row(f"http://127.0.0.1:{find_port()}")
    assert list_codes(row) == {"place_not_written": "critical"}
    told = DestinationCheckSerializer(row).data
    assert PASSWORD not in str(told) and row.level == "critical"


def test_the_clock_checks_each_once_a_day(destination: Destination, away: Path) -> None:
    now = timezone.now()
    assert check_due(now=now) == []
    destination.refresh_from_db()
    assert destination.checked_at == now
    check_due(now=now + timedelta(hours=2))
    destination.refresh_from_db()
    assert destination.checked_at == now
    away.chmod(0o777)
    Destination.objects.update(enabled=False)
    check_due(now=now + timedelta(days=3))
    destination.refresh_from_db()
    assert destination.checked_at == now

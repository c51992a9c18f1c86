"""recovery.retention: archives go by the rule, the newest never; what a lock holds stays and is asked again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from offsite.destinations import create_destination
from offsite.models import Destination
from programs.offsite.carrier import Carrier
from programs.run.failures import ProgramError
from recovery.making import get_manager_id
from recovery.models import ManagerArchive, ManagerCopy
from recovery.places import list_archives, make_path, reaching
from recovery.retention import prune_archives
from tests.places_away import ACCOUNT, BUCKET, PASSWORD, make_bucket, make_s3_client, s3_server
from tests.recovery.archives import make_directory

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 30, 12, tzinfo=ZoneInfo("Europe/Paris"))


def make_archives(row: Destination, place: Path, *, ages: Sequence[timedelta]) -> None:
    """Record archives that are really there, of these ages."""
    for number, age in enumerate(ages):
        made_at = NOW - age
        name = f"{made_at:%Y%m%dT%H%M%SZ}-{number:016x}"
        archive = ManagerArchive.objects.create(
            name=name, reason="scheduled", made_at=made_at, sealed_bytes=1, sha256="", mark=""
        )
        ManagerCopy.objects.create(archive=archive, destination=row, checked_at=made_at)
        path = place / make_path(get_manager_id(), name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_two_days_stay_whole_and_old_ones_by_days_weeks_and_months(tmp_path: Path) -> None:
    row = make_directory(tmp_path)
    # As dense as the rule looks at each age: more of the same only makes more objects to remove.
    made = [timedelta(hours=6 * number) for number in range(12)]
    made += [timedelta(days=3, hours=12 * number) for number in range(40)]
    made += [timedelta(days=23 + 4 * number) for number in range(95)]
    make_archives(row, tmp_path, ages=made)
    removed = prune_archives(now=NOW)
    left = list(ManagerArchive.objects.values_list("made_at", flat=True))
    objects = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert removed == len(made) - len(left) > 90 and len(left) == len(objects) <= 8 + 12 + 14 + 8 + 12
    assert max(left) == NOW
    assert len([one for one in left if NOW - one < timedelta(days=2)]) == 8
    assert any(NOW - one > timedelta(days=330) for one in left)
    assert prune_archives(now=NOW) == 0


def test_the_newest_stays_however_old(tmp_path: Path) -> None:
    row = make_directory(tmp_path)
    make_archives(row, tmp_path, ages=[timedelta()])
    assert prune_archives(now=NOW + timedelta(days=4000)) == 0


def test_what_a_place_holds_without_telling_until_when_is_asked_again_a_day_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_directory(tmp_path)
    make_archives(row, tmp_path, ages=[timedelta(days=3 * number) for number in range(40)])
    asked: list[str] = []

    def refuse(_carrier: Carrier, name: str) -> None:
        asked.append(name)
        raise ProgramError("object_held", "WORM protected")

    with monkeypatch.context() as patch:
        patch.setattr(Carrier, "delete", refuse)
        assert prune_archives(now=NOW) == 0 and asked
        count = len(asked)
        assert prune_archives(now=NOW + timedelta(hours=1)) == 0 and len(asked) == count
        assert prune_archives(now=NOW + timedelta(days=1)) == 0 and len(asked) >= 2 * count
    assert ManagerArchive.objects.count() == 40
    assert prune_archives(now=NOW + timedelta(days=2, hours=1)) >= count


def test_what_is_gone_already_counts_as_removed(tmp_path: Path) -> None:
    row = make_directory(tmp_path)
    make_archives(row, tmp_path, ages=[timedelta(days=3 * number) for number in range(40)])
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.unlink()
    assert prune_archives(now=NOW) > 0


def put_archives(address: str, *, days: Sequence[int], real_now: datetime) -> Destination:
    """Record archives that are really in a bucket, each locked for so many days from `real_now` (0: not any more)."""
    access = {"access_key_id": ACCOUNT, "secret_access_key": PASSWORD, "endpoint": address, "region": "us-east-1"}
    row = create_destination({"name": "s3", "kind": "s3", "bucket": BUCKET, **access}, requested_by="test")
    for number, locked in enumerate(days):
        made_at = NOW - timedelta(days=3 * number)
        name = f"{made_at:%Y%m%dT%H%M%SZ}-{number:016x}"
        archive = ManagerArchive.objects.create(
            name=name, reason="scheduled", made_at=made_at, sealed_bytes=1, sha256="", mark=""
        )
        ManagerCopy.objects.create(archive=archive, destination=row, checked_at=made_at)
        until = real_now + timedelta(days=locked)
        lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until} if locked else {}
        path = make_path(get_manager_id(), name)
        make_s3_client(address).put_object(Bucket=BUCKET, Key=path, Body=b"x", **lock)
    return row


def count_versions(address: str) -> tuple[int, int]:
    """Return how many versions the bucket keeps, and how many marks that hide one."""
    told: dict[str, Any] = make_s3_client(address).list_object_versions(Bucket=BUCKET)
    return len(told.get("Versions", [])), len(told.get("DeleteMarkers", []))


def test_a_lock_is_never_hidden_and_what_may_go_leaves_no_version(tmp_path: Path) -> None:
    real_now = datetime.now(NOW.tzinfo)
    with s3_server(tmp_path) as address:
        make_bucket(address, BUCKET, lock=True)
        row = put_archives(address, days=[5] * 25 + [0] * 5, real_now=real_now)
        # The destination's clock is the real one: what is locked for five days from now is asked again then.
        removed = prune_archives(now=real_now)
        versions, marks = count_versions(address)
        assert removed > 0 and (versions, marks) == (30 - removed, 0), "no version, and nothing hidden"
        held = list(ManagerCopy.objects.exclude(next_attempt_at=None))
        assert held and {copy.gone_at for copy in held} == {None}
        assert {(copy.next_attempt_at - real_now).days for copy in held if copy.next_attempt_at} <= {4, 5}
        with reaching(row) as carrier:
            assert len(list_archives(carrier)) == 30 - removed, "each one that is locked is found"
        assert prune_archives(now=real_now + timedelta(days=1)) == 0

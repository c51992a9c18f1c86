"""What backups tell of logins is noted once, never backwards, and only where it can be read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backups.logins import record_logins
from tenants.models import Activity, Instance
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 25, 3, tzinfo=UTC)
DAY = timedelta(days=1)
LOGIN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def tell(last_at: object) -> dict[str, Any]:
    return {"ok": True, "logins": {"last_at": last_at}}


def read(instance: Instance) -> tuple[datetime | None, datetime | None]:
    row = Activity.objects.get(instance=instance)
    return row.login_at, row.logins_looked_at


def test_a_login_is_noted_with_the_time_of_the_look() -> None:
    instance = make_instance_row()
    for _ in range(2):
        record_logins(instance, tell("2026-11-20T09:30:00Z"), now=NIGHT)
        assert read(instance) == (LOGIN, NIGHT)
    row = Activity.objects.get()
    assert (row.visited_at, row.visits_looked_at, str(instance.pk) in str(row)) == (None, None, True)


def test_never_is_known_too() -> None:
    instance = make_instance_row()
    record_logins(instance, tell(None), now=NIGHT)
    assert read(instance) == (None, NIGHT)


def test_nothing_goes_backwards() -> None:
    """Backups are recorded in any order, and a restored database has the logins of its own day."""
    instance = make_instance_row()
    record_logins(instance, tell("2026-11-20T09:30:00Z"), now=NIGHT)
    record_logins(instance, tell("2026-10-01T09:30:00Z"), now=NIGHT - DAY)
    assert read(instance) == (LOGIN, NIGHT)
    record_logins(instance, tell(None), now=NIGHT + DAY)
    assert read(instance) == (LOGIN, NIGHT + DAY)


@pytest.mark.parametrize(
    "result",
    [
        {"ok": True},
        {"logins": None},
        {"logins": {}},
        {"logins": "2026-11-20T09:30:00Z"},
        tell("hier"),
        tell(5),
        tell("2026-11-20T09:30:00"),
    ],
)
def test_what_does_not_say_changes_nothing(result: dict[str, Any]) -> None:
    record_logins(make_instance_row(), result, now=NIGHT)
    assert not Activity.objects.exists()


def test_nobody_logs_in_after_the_backup() -> None:
    instance = make_instance_row()
    record_logins(instance, tell("2026-11-25T08:00:00Z"), now=NIGHT)
    assert read(instance) == (NIGHT, NIGHT)

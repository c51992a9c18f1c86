"""Room in instances is kept as it was last seen, and told by every door."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from domain.room import ObservedRoom
from domain.specs import ALL_COMPONENTS, ObservedInstance
from domain.states import InstanceState
from operations.models import InstanceRoom
from operations.room import get_room, list_findings, record_rooms, room_as_dict
from operations.upkeep import restart_fallen_instances
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
FULL = ObservedRoom(
    at=NOON, percents={"db": 100, "files": 12}, free_bytes={"db": 0, "files": 9}, write_error="The table is full"
)


def make_seen(room: ObservedRoom | None) -> ObservedInstance:
    return ObservedInstance(identifier="saint-paul", exists=True, room=room)


@pytest.fixture
def instance(engine: FakeEngine) -> Instance:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    return make_instance_row(state=InstanceState.ACTIVE)


def test_what_was_seen_is_kept_whole(instance: Instance) -> None:
    record_rooms({instance.pk: make_seen(FULL)})
    assert get_room(instance) == FULL
    assert InstanceRoom.objects.get().most_percent == 100
    assert [finding.code for finding in list_findings(instance)] == ["database_takes_no_rows", "volume_full"]


def test_an_older_look_replaces_no_newer_one(instance: Instance) -> None:
    record_rooms({instance.pk: make_seen(FULL)})
    record_rooms({instance.pk: make_seen(dataclasses.replace(FULL, at=NOON - timedelta(minutes=1), write_error=""))})
    assert get_room(instance) == FULL
    later = dataclasses.replace(FULL, at=NOON + timedelta(minutes=1), write_error="", percents={"db": 40})
    record_rooms({instance.pk: make_seen(later)})
    assert get_room(instance) == later and list_findings(instance) == []


def test_nothing_seen_is_nothing_told(instance: Instance) -> None:
    record_rooms({instance.pk: make_seen(None)})
    record_rooms({instance.pk: None})
    shown = room_as_dict(instance)
    assert (shown["looked_at"], shown["findings"]) == (None, [])


def test_upkeep_keeps_what_the_engine_saw(instance: Instance, engine: FakeEngine) -> None:
    engine.rooms["saint-paul"] = FULL
    assert restart_fallen_instances(now=timezone.now()) == []
    assert get_room(instance) == FULL
    instance.refresh_from_db()
    assert instance.state == InstanceState.ACTIVE


def test_an_error_of_the_server_is_kept_as_long_as_the_column(instance: Instance) -> None:
    record_rooms({instance.pk: make_seen(dataclasses.replace(FULL, write_error="x" * 400))})
    kept = get_room(instance)
    assert kept is not None and kept.write_error == "x" * 255

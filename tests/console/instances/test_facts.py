"""What an instance's page says of it."""

from datetime import UTC, datetime

import pytest

from console.instances.facts import list_facts
from domain.states import InstanceState
from operations.models import InstanceRoom
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_room_is_told_once_a_look_saw_it() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    before = len(list_facts(instance))
    InstanceRoom.objects.create(instance=instance, looked_at=datetime(2026, 11, 30, tzinfo=UTC), percents={"db": 7})
    assert len(list_facts(instance)) == before + 1


def test_what_does_not_run_claims_nothing_of_its_cron() -> None:
    active = make_instance_row(state=InstanceState.ACTIVE)
    resting = make_instance_row("saint-jean", state=InstanceState.SUSPENDED)
    assert len(list_facts(active)) > len(list_facts(resting))

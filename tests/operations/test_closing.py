"""operations.closing: how long a site will be closed is said before, from what was measured."""

from collections.abc import Iterator

import pytest
from django.utils.translation import override

from backups.parameters import describe_restore
from domain.states import InstanceState, OperationState
from operations.change_parameters import describe_upgrade
from operations.closing import describe_closed_time, format_time, list_closed_seconds
from operations.models import Operation
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with override("en"):
        yield


def note(instance: Instance, kind: str, state: str = OperationState.SUCCEEDED.value, **result: object) -> None:
    Operation.objects.create(instance=instance, subject=instance.identifier, kind=kind, state=state, result=result)


@pytest.fixture
def paul() -> Instance:
    return make_instance_row(state=InstanceState.ACTIVE)


def test_the_last_time_of_the_instance_counts(paul: Instance) -> None:
    other = make_instance_row(slug="sainte-marie", state=InstanceState.ACTIVE)
    for seconds in (700, 61, 40):
        note(paul, "restore", closed_seconds=seconds)
    note(paul, "restore", closed_seconds=9000, state=OperationState.FAILED.value)
    note(paul, "restore", page=True)  # it was closed before
    note(paul, "upgrade", closed_seconds=5)
    note(other, "restore", closed_seconds=8000)
    assert list_closed_seconds(paul, "restore") == [40, 61, 700]
    assert describe_closed_time(paul, "restore") == "That took 40 s the last time, and 12 min at most."


def test_other_instances_count_where_none_was_measured(paul: Instance) -> None:
    other = make_instance_row(slug="sainte-marie", state=InstanceState.ACTIVE)
    for seconds in (20, 30, 4000):
        note(other, "upgrade", closed_seconds=seconds)
    said = "It was never measured here; elsewhere it takes 30 s, and took 67 min at most."
    assert describe_closed_time(paul, "upgrade") == said


def test_what_was_never_measured_is_said_with_every_restore_and_upgrade(paul: Instance) -> None:
    never = "How long that takes was never measured."
    backup = make_backup_row(paul)
    asked = {"backup_id": backup.backup_id, "source": paul.identifier, "scope": "full", "database": ""}
    assert never in describe_restore(paul, {**asked, "safety_backup": True})
    assert never in describe_upgrade(paul, {"release": paul.release.name, "safety_backup": True})


@pytest.mark.parametrize(("seconds", "text"), [(0, "0 s"), (120, "120 s"), (121, "3 min"), (3600, "60 min")])
def test_a_time_is_rounded_up(seconds: int, text: str) -> None:
    assert format_time(seconds) == text

"""A volume without a claim is ours when the ledger knows an instance of ours that held it when it was made."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.fleet import ObservedFleet, ObservedVolume
from domain.states import InstanceState
from finops.calendar import compute_second
from finops.ledger.left_volumes import select_own_volumes
from finops.models import Interval
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.finops.fleets import make_recorded

pytestmark = pytest.mark.django_db
BEGUN = datetime(2025, 1, 1, tzinfo=UTC)


def make_left(name: str = "pv-1", **changes: object) -> ObservedVolume:
    """Return a volume of Saint-Paul's that no claim holds, made a year after its first provisioning."""
    values: dict[str, object] = {"capacity_bytes": 7, "instance": "saint-paul", "claim": "dbvolclaim"}
    values |= {"is_bound": False, "reclaim_policy": "Retain", "created_at": BEGUN + timedelta(days=365)}
    return ObservedVolume(name=name, **{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "is_own"),
    [
        ({}, True),
        ({"is_bound": True}, False),
        ({"created_at": BEGUN - timedelta(hours=1)}, False),
        ({"created_at": None}, False),
        ({"instance": "saint-jean"}, False),
        ({"instance": None}, False),
    ],
)
def test_a_volume_is_ours_when_the_ledger_knows_its_life(
    engine: FakeEngine, changes: dict[str, object], is_own: bool
) -> None:
    make_recorded("saint-paul", since=BEGUN)
    engine.volumes = (make_left(**changes),)
    assert (("fake", "pv-1") in select_own_volumes({"fake": engine.observe_fleet()})) is is_own


def test_a_volume_s_life_is_known_after_its_instance_and_its_row(engine: FakeEngine) -> None:
    ended = BEGUN + timedelta(days=400)
    row = make_recorded("saint-paul", since=BEGUN)
    Interval.objects.update(end=compute_second(ended), open_key=None)
    row.operations.all().delete()
    Instance.objects.filter(pk=row.pk).update(state=InstanceState.DELETED, purged_at=ended)
    Instance.objects.get(pk=row.pk).delete()
    engine.volumes = (make_left(), make_left("pv-2", created_at=ended + timedelta(hours=1)))
    fleets = {"fake": engine.observe_fleet()}
    assert select_own_volumes(fleets) == {("fake", "pv-1")}
    assert select_own_volumes({"other": fleets["fake"]}) == set()


def test_nothing_is_asked_of_the_ledger_where_no_volume_was_left(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert select_own_volumes({"fake": ObservedFleet(at=BEGUN)}) == frozenset()

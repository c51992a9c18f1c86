"""Gauges and sentences say what there is, what is held and what is used, and no more than is known."""

from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from domain.capacity import Binding, Capacity, NodeRoom
from domain.reservations import Reservation
from finops.pages.capacity_view import (
    BINDINGS,
    EngineCapacity,
    describe_room,
    make_gauges,
    observe_places,
)
from tests.builders import GIBIBYTE
from tests.engines import FakeEngine

ROOM = NodeRoom(
    name="node1", allocatable=Reservation(4000, 16 * GIBIBYTE), reserved=Reservation(1000, 8 * GIBIBYTE), instances=2
)


def make_place(used: Reservation | None = None, **changes: object) -> EngineCapacity:
    values = {"more": 5, "binding": Binding.MEMORY, "rooms": (ROOM,), "per_node": {"node1": 5}, **changes}
    return EngineCapacity(engine="cluster", capacity=Capacity(**values), used=used)  # type: ignore[arg-type]


def test_a_gauge_shows_use_inside_of_what_is_reserved() -> None:
    cpu, memory = make_gauges([make_place(Reservation(500, 4 * GIBIBYTE))])
    assert (cpu["used"], cpu["reserved"]) == ("12.5", "12.5")
    assert (memory["used"], memory["reserved"]) == ("25.0", "25.0")


def test_use_beyond_the_reservation_does_not_leave_the_gauge() -> None:
    cpu, _memory = make_gauges([make_place(Reservation(9000, 0))])
    assert (cpu["used"], cpu["reserved"]) == ("100.0", "0.0")


def test_no_measure_is_said_as_such() -> None:
    with override("en"):
        assert "no measure" in make_gauges([make_place()])[0]["text"]
        assert "0.5" in make_gauges([make_place(Reservation(500, 1))])[0]["text"]


def test_the_sentence_names_what_binds() -> None:
    with override("en"):
        assert describe_room([make_place()]) == [
            "cluster takes 5 more parishes of the default plan; the next one lacks memory."
        ]
        assert "does not tell" in describe_room([make_place(more=None, binding=None, rooms=())])[0]
    assert set(BINDINGS) == set(Binding)


@pytest.mark.django_db
def test_every_engine_that_answers_is_a_place(engine: FakeEngine) -> None:
    assert engine.name in {place.engine for place in observe_places(now=datetime.now(UTC))}

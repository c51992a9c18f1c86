"""A larger backup volume with a fake engine: that volume alone, and what was if it fails."""

import pytest

from backups.enlarge_parameters import GIBIBYTE, get_present_bytes
from domain.states import InstanceState, OperationState
from tests.backups.conftest import Begin, MakeInstance
from tests.engines import FakeEngine
from tests.operations.conftest import Finish

pytestmark = pytest.mark.django_db(transaction=True)


def test_that_volume_alone_is_larger_and_nothing_is_stopped(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    paul = make_instance()
    engine.set_up("saint-paul")
    before = [effect for effect in engine.list_effects("saint-paul") if effect.startswith("stop")]
    operation = finish(begin("enlarge_backups", paul, gibibytes=7))
    paul.refresh_from_db()
    assert (operation.state, operation.result) == (OperationState.SUCCEEDED, {"gibibytes": 7})
    assert paul.grown_volumes == {"backups_volume_bytes": 7 * GIBIBYTE} and paul.state == InstanceState.ACTIVE
    assert [effect for effect in engine.list_effects("saint-paul") if effect.startswith("stop")] == before


def test_after_a_failure_the_row_says_what_there_is(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    paul = make_instance()
    engine.set_up("saint-paul")
    engine.fail("saint-paul", "apply", times=1, code="engine_broken")
    operation = finish(begin("enlarge_backups", paul, gibibytes=7))
    paul.refresh_from_db()
    assert operation.state == OperationState.FAILED
    assert paul.state == InstanceState.ACTIVE and get_present_bytes(paul) == 2 * GIBIBYTE

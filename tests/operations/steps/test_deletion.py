"""A deletion: what is looked at first, what is purged, and the proof."""

from typing import Any

import pytest

from domain.errors import CiviparoisseError
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState, OperationKind
from operations.outcomes import Done
from operations.steps.deletion import inspect, prove_purge, purge, put_servers_back
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.steps.conftest import MakeContext

pytestmark = pytest.mark.django_db(transaction=True)
LOSS = {"final_backup": False, "confirm": "saint-paul"}


@pytest.mark.parametrize(
    ("exists", "parameters", "wanted"), [(True, {}, True), (True, LOSS, False), (False, {}, False)]
)
def test_a_final_backup_is_wanted_where_there_is_data_unless_declined(
    make_context: MakeContext, engine: FakeEngine, *, exists: bool, parameters: dict[str, Any], wanted: bool
) -> None:
    if exists:
        engine.set_up("saint-paul", running=ALL_COMPONENTS)
    context = make_context(OperationKind.DELETE, "inspect", **parameters)
    assert inspect(context) == Done()
    assert context.data["final_backup_wanted"] is wanted


def test_a_purge_that_nobody_confirmed_is_refused_although_it_was_recorded(
    make_context: MakeContext, engine: FakeEngine
) -> None:
    engine.set_up("saint-paul")
    context = make_context(OperationKind.DELETE, "purge")
    context.operation.parameters = {"final_backup": False, "purge_backups": False, "confirm": ""}
    with pytest.raises(CiviparoisseError) as refused:
        purge(context)
    assert refused.value.code == "confirmation_missing"
    assert engine.list_effects("saint-paul") == []


def test_the_purge_is_proven_and_dated(make_context: MakeContext, engine: FakeEngine) -> None:
    engine.set_up("saint-paul", backup_ids=("20261101T000000Z-5f3a9c",))
    context = make_context(OperationKind.DELETE, "prove_purge", **LOSS)
    with pytest.raises(CiviparoisseError) as refused:
        prove_purge(context)
    assert (refused.value.code, refused.value.params["remains"]) == ("purge_incomplete", "volumes")
    assert Instance.objects.get().purged_at is None
    purge(context)
    assert prove_purge(context) == Done(result={"kept_backups": ["20261101T000000Z-5f3a9c"]})
    assert Instance.objects.get().purged_at == context.now


def test_backups_that_should_be_gone_disprove_the_purge(make_context: MakeContext, engine: FakeEngine) -> None:
    context = make_context(OperationKind.DELETE, "prove_purge", purge_backups=True, confirm="saint-paul")
    engine.set_up("saint-paul", backup_ids=("20261101T000000Z-5f3a9c",))
    engine.delete("saint-paul", keep_backups=True)
    with pytest.raises(CiviparoisseError) as refused:
        prove_purge(context)
    assert refused.value.params["remains"] == "20261101T000000Z-5f3a9c"
    engine.delete("saint-paul", keep_backups=False)
    assert prove_purge(context) == Done(result={"kept_backups": []})


def test_what_ran_is_started_again_unless_the_purge_had_begun(make_context: MakeContext, engine: FakeEngine) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    context = make_context(OperationKind.DELETE, "put_servers_back", state=InstanceState.ACTIVE)
    inspect(context)
    engine.suspend(context.make_spec(frozenset()))
    put_servers_back(context)
    assert put_servers_back(context) == Done()
    assert engine.list_effects("saint-paul")[3:] == ["start cron", "start db", "start httpd"]
    context.data["purge_begun"] = True
    with pytest.raises(CiviparoisseError) as refused:
        put_servers_back(context)
    assert (refused.value.code, refused.value.retryable) == ("purge_incomplete", False)

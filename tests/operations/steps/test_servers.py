"""Starting, stopping and reading the page; every step may be repeated."""

import pytest

from domain.specs import ALL_COMPONENTS, Component, ComponentPhase, ObservedComponent, ObservedInstance
from domain.states import InstanceState, OperationKind
from operations.outcomes import Done, Wait
from operations.steps.servers import (
    DATABASE_ONLY,
    await_running,
    resume,
    select_running,
    smoke_test,
    start_all,
    start_database,
    stop,
)
from tests.engines import FakeEngine
from tests.operations.steps.conftest import MakeContext

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_start_waits_until_the_server_is_ready_and_starts_it_once(
    make_context: MakeContext, engine: FakeEngine
) -> None:
    engine.set_up("saint-paul")
    context = make_context(OperationKind.PROVISION, "start_database", state=InstanceState.NEW)
    assert isinstance(start_database(context), Wait)
    assert start_database(context) == Done()
    assert engine.list_effects("saint-paul") == ["start db"]


def test_starting_the_database_leaves_running_servers_alone(make_context: MakeContext, engine: FakeEngine) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    assert start_database(make_context(OperationKind.DELETE, "final_backup_database")) == Done()
    assert engine.list_effects("saint-paul") == []


def test_the_cron_is_not_started_when_it_is_switched_off(make_context: MakeContext, engine: FakeEngine) -> None:
    engine.set_up("saint-paul")
    context = make_context(OperationKind.PROVISION, "start_site", state=InstanceState.NEW)
    context.instance.cron_enabled = False
    start_all(context)
    assert engine.list_effects("saint-paul") == ["start db", "start httpd"]


def test_a_stop_of_what_never_existed_is_done(make_context: MakeContext, engine: FakeEngine) -> None:
    assert stop(make_context(OperationKind.DELETE, "stop", state=InstanceState.NEW)) == Done()
    assert engine.list_effects("saint-paul") == []


def test_stop_and_resume_bring_back_what_ran(make_context: MakeContext, engine: FakeEngine) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    context = make_context(OperationKind.SUSPEND, "stop")
    assert stop(context) == Done()
    assert isinstance(resume(context), Wait)
    assert resume(context) == Done()
    assert sorted(engine.list_effects("saint-paul")[3:]) == ["start cron", "start db", "start httpd"]


def test_the_page_is_read_until_it_answers(make_context: MakeContext, engine: FakeEngine) -> None:
    engine.set_up("saint-paul")
    context = make_context(OperationKind.RESUME, "smoke_test", state=InstanceState.SUSPENDED)
    waiting = smoke_test(context)
    assert isinstance(waiting, Wait)
    assert waiting.message == "nobody answers"
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    done = smoke_test(context)
    assert isinstance(done, Done)
    assert done.result["url"] == context.data["url"] == "http://saint-paul.test"


def observe(**phases: str) -> ObservedInstance:
    components = {Component(name): ObservedComponent(phase=ComponentPhase(phase)) for name, phase in phases.items()}
    return ObservedInstance(identifier="saint-paul", exists=True, components=components)


def test_running_are_the_ready_and_the_starting() -> None:
    seen = observe(db="ready", httpd="starting", cron="failed")
    assert select_running(seen) == {Component.DB, Component.HTTPD}
    assert select_running(observe(db="stopped")) == frozenset()


def test_what_should_not_run_is_awaited_too() -> None:
    assert await_running(observe(db="ready"), DATABASE_ONLY) == Done()
    assert isinstance(await_running(observe(db="ready", httpd="ready"), DATABASE_ONLY), Wait)
    assert isinstance(await_running(observe(db="starting"), DATABASE_ONLY), Wait)


def test_waiting_tells_what_failed_and_nothing_of_what_merely_starts() -> None:
    starting = await_running(observe(db="starting", httpd="stopped"), DATABASE_ONLY)
    assert isinstance(starting, Wait) and starting.message == "waiting for the servers"
    broken = ObservedComponent(phase=ComponentPhase.FAILED, detail="stopped by itself: error 5")
    seen = ObservedInstance(identifier="saint-paul", exists=True, components={Component.DB: broken})
    failed = await_running(seen, DATABASE_ONLY)
    assert isinstance(failed, Wait) and failed.message == "db: stopped by itself: error 5"

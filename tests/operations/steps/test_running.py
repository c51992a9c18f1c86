"""What ran before an operation is noted once, and runs again afterwards."""

from datetime import timedelta

import pytest

from domain.specs import ALL_COMPONENTS, Component
from domain.states import InstanceState, OperationKind
from operations.models import Operation
from operations.outcomes import Done, Wait
from operations.steps.running import (
    describe_closing,
    is_back,
    keep_closed,
    note_change,
    note_closed,
    note_running,
    put_back,
    select_components_before,
    select_noted_running,
)
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.steps.conftest import MakeContext

pytestmark = pytest.mark.django_db(transaction=True)
DB = frozenset({Component.DB})


def test_the_first_look_is_what_is_noted(make_context: MakeContext, engine: FakeEngine) -> None:
    engine.set_up("saint-paul", running=DB)
    context = make_context(OperationKind.BACKUP, "begin")
    note_running(context)
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    assert note_running(context).is_running(ALL_COMPONENTS)
    assert select_noted_running(context) == DB


@pytest.mark.parametrize(
    ("state", "expected"),
    [(InstanceState.ACTIVE, ALL_COMPONENTS), (InstanceState.SUSPENDED, frozenset()), (InstanceState.FAILED, DB)],
)
def test_what_should_run_afterwards_depends_on_the_state_before(
    make_context: MakeContext, engine: FakeEngine, state: InstanceState, expected: frozenset[Component]
) -> None:
    engine.set_up("saint-paul", running=DB)
    context = make_context(OperationKind.BACKUP, "begin", state=state)
    note_running(context)
    assert select_components_before(context) == expected


def test_what_was_stopped_is_started_again_and_only_once(make_context: MakeContext, engine: FakeEngine) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    context = make_context(OperationKind.BACKUP, "put_back")
    note_running(context)
    note_change(context)
    engine.apply(context.make_spec(DB))
    assert isinstance(put_back(context), Wait)
    assert put_back(context) == Done() == put_back(context)
    assert engine.count_effects("saint-paul") == {"stop cron": 1, "stop httpd": 1, "start cron": 1, "start httpd": 1}


def test_back_is_what_is_awaited_and_nothing_more(engine: FakeEngine) -> None:
    engine.set_up("saint-paul", running=DB)
    observed = engine.observe("saint-paul")
    assert is_back(observed, wanted=ALL_COMPONENTS, awaited=DB)
    assert not is_back(observed, wanted=ALL_COMPONENTS, awaited=ALL_COMPONENTS)
    assert not is_back(observed, wanted=frozenset(), awaited=frozenset())


def test_the_time_a_site_is_closed_is_told(make_context: MakeContext, engine: FakeEngine) -> None:
    context = make_context(OperationKind.BACKUP, "stop_site")
    engine.set_up("saint-paul", running=DB)
    note_closed(context, engine.observe("saint-paul"))
    assert describe_closing(context) == {}, "it was closed before"
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    for _ in range(2):
        note_closed(context, engine.observe("saint-paul"))
        context.now += timedelta(seconds=30)
    assert describe_closing(context) == {"closed_seconds": 60}


def test_visitors_are_told_that_the_site_is_closed_and_when_it_is_back(
    make_context: MakeContext, engine: FakeEngine
) -> None:
    context = make_context(OperationKind.BACKUP, "stop_site")
    Operation.objects.create(
        instance=context.instance, subject="x", kind="backup", state="succeeded", result={"closed_seconds": 90}
    )
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    closed_at = context.now
    for _ in range(2):
        note_closed(context, engine.observe("saint-paul"))
        context.now += timedelta(seconds=30)
    row = Instance.objects.get(pk=context.instance.pk)
    assert (row.closing, row.back_at) == ("for_now", closed_at + timedelta(seconds=90)), "one promise, not a new one"
    assert context.make_spec(DB).closed_page is not None
    note_running(context)
    put_back(context)
    row.refresh_from_db()
    assert (row.closing, row.back_at) == ("", None)


def test_a_site_that_was_closed_before_is_not_told_of(make_context: MakeContext, engine: FakeEngine) -> None:
    context = make_context(OperationKind.BACKUP, "stop_site", state=InstanceState.SUSPENDED)
    engine.set_up("saint-paul", running=DB)
    note_closed(context, engine.observe("saint-paul"))
    assert context.instance.closing == "" and context.make_spec(DB).closed_page is None


def test_what_stays_closed_promises_nothing(make_context: MakeContext, engine: FakeEngine) -> None:
    context = make_context(OperationKind.BACKUP, "stop_site")
    keep_closed(context)
    assert context.instance.closing == "", "it was never closed by this"
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    note_closed(context, engine.observe("saint-paul"))
    engine.set_up("saint-paul", running=DB)
    keep_closed(context)
    row = Instance.objects.get(pk=context.instance.pk)
    assert (row.closing, row.back_at) == ("until_mended", None)

"""A look at what an instance holds now: seconds, beside whatever it does, and no answer instead of a wrong one."""

import json
from datetime import UTC, datetime

import pytest

from backups import figures
from backups.figures import format_since, observe_figures
from backups.models import Backup
from domain.specs import Component, JobProgram
from domain.states import InstanceState
from tenants.models import Instance
from tests.backups.conftest import MakeInstance
from tests.engines import COUNTED, FakeEngine

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SET = {"at": 1_700_000_000, "counts": {"contacts": {"count": 2, "last": 7}, "files": {"count": 4}}}


def look(instance: Instance) -> dict[str, object] | None:
    return observe_figures(instance, since=SET, now=NOW)


def test_what_is_there_is_counted_against_the_set(make_instance: MakeInstance, engine: FakeEngine) -> None:
    instance = make_instance()
    assert look(instance) == COUNTED
    (environment,) = engine.list_runs(instance.identifier, JobProgram.FIGURES)
    assert json.loads(environment["SINCE"]) == {"at": 1_700_000_000, "last": {"contacts": 7}}
    assert look(instance) == COUNTED
    assert len(engine.list_runs(instance.identifier, JobProgram.FIGURES)) == 2, "each look is a new one"


@pytest.mark.parametrize("code", ["database_unreachable", "lost", ""])
def test_a_look_that_fails_tells_nothing(make_instance: MakeInstance, engine: FakeEngine, code: str) -> None:
    instance = make_instance()
    engine.fail(instance.identifier, "run_job figures", times=1, code=code)
    assert look(instance) is None
    assert look(instance) == COUNTED


def test_a_look_that_takes_too_long_is_ended(
    make_instance: MakeInstance, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = make_instance()
    monkeypatch.setattr(figures, "LOOK_SECONDS", 0)
    engine.fail(instance.identifier, "run_job figures", times=1, code="hangs")
    assert look(instance) is None
    assert engine.list_calls(instance.identifier)[-1] == "cancel_job"


def test_a_database_that_does_not_run_is_not_asked(make_instance: MakeInstance, engine: FakeEngine) -> None:
    instance = make_instance(state=InstanceState.SUSPENDED)
    assert look(instance) is None
    other = make_instance("sainte-marie", running=frozenset({Component.HTTPD}))
    assert look(other) is None
    for one in (instance, other):
        assert engine.list_runs(one.identifier, JobProgram.FIGURES) == []


def test_an_engine_that_is_not_known_or_does_not_answer_tells_nothing(make_instance: MakeInstance) -> None:
    instance = make_instance()
    instance.engine = "nowhere"
    assert look(instance) is None


def test_a_set_has_its_figures_on_its_row(backed_up: tuple[Instance, str]) -> None:
    _instance, backup_id = backed_up
    assert Backup.objects.get(backup_id=backup_id).figures == COUNTED
    assert json.loads(format_since(SET))["last"] == {"contacts": 7}

"""The order of a proof's steps with a fake engine: what is made is removed, whatever fails, and one works at a time."""

import pytest

from backups.models import Backup, ProofOutcome, ProofReport
from backups.proof_steps import TURN_SECONDS
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from operations.requests import request_cancel
from operations.runner import run_operation
from tenants.models import Instance
from tests.backups.conftest import Begin, MakeInstance
from tests.engines import FakeEngine
from tests.operations.conftest import Finish, MovedClock

pytestmark = pytest.mark.django_db(transaction=True)

PLACE = "saint-paul-verification"


def check_removed(engine: FakeEngine) -> None:
    """Fail unless nothing is left of the place."""
    assert not engine.observe(PLACE).exists
    assert engine.list_effects(PLACE)[-1] == "purge"
    assert Instance.objects.get(identifier=PLACE).state == InstanceState.DELETED


def test_a_set_is_restored_judged_and_the_copy_removed(
    engine: FakeEngine, backed_up: tuple[Instance, str], begin: Begin, finish: Finish
) -> None:
    paul, backup_id = backed_up
    before = engine.list_effects("saint-paul")
    operation = finish(begin("prove", paul))
    assert operation.state == OperationState.SUCCEEDED
    assert engine.list_effects("saint-paul") == before, "nothing is done to the production"
    effects = engine.list_effects(PLACE)
    wanted = ["make volumes", "run init", "start db", "run restore", "run consistency", "start httpd", "purge"]
    assert [effect for effect in effects if not effect.startswith("stop")] == wanted
    backup = Backup.objects.get(backup_id=backup_id)
    report = ProofReport.objects.get()
    assert (report.outcome, report.backup, backup.proven_at) == (ProofOutcome.PROVEN, backup, report.ended_at)
    assert set(report.figures["seconds"]) >= {"restore", "judge", "read_page"}
    check_removed(engine)


@pytest.mark.parametrize(
    ("call", "code", "outcome"),
    [
        ("run_job restore", "artifact_damaged", ProofOutcome.FAILED),
        ("run_job consistency", "foreign_key_broken", ProofOutcome.FAILED),
        ("run_job restore", "no_space", ProofOutcome.UNDECIDED),
        ("run_job init", "initialisation_failed", ProofOutcome.UNDECIDED),
        ("apply", "engine_broken", ProofOutcome.UNDECIDED),
    ],
)
def test_whatever_fails_is_reported_and_the_copy_is_removed(
    engine: FakeEngine,
    backed_up: tuple[Instance, str],
    begin: Begin,
    finish: Finish,
    call: str,
    code: str,
    outcome: ProofOutcome,
) -> None:
    paul, backup_id = backed_up
    Backup.objects.update(proven_at="2026-01-01T00:00:00Z")
    engine.fail(PLACE, call, times=10, code=code)
    operation = finish(begin("prove", paul))
    assert operation.state == OperationState.FAILED
    report = ProofReport.objects.get(operation=operation)
    assert report.outcome == outcome and report.problems
    failed = outcome is ProofOutcome.FAILED
    assert (operation.error_code == "proof_failed") is failed
    assert (Backup.objects.get(backup_id=backup_id).proven_at is None) is failed
    assert not engine.observe(PLACE).exists
    paul.refresh_from_db()
    assert (paul.state, paul.error_code) == (InstanceState.ACTIVE, "")


def test_a_page_that_never_answers_is_the_sets_fault(
    engine: FakeEngine, backed_up: tuple[Instance, str], begin: Begin, finish: Finish
) -> None:
    paul, _backup_id = backed_up
    engine.fail(PLACE, "probe", times=1000, code="broken")
    operation = finish(begin("prove", paul))
    assert operation.state == OperationState.FAILED
    check_removed(engine)


def test_proofs_of_one_engine_wait_for_each_other_and_say_for_whom(
    backed_up: tuple[Instance, str],
    make_instance: MakeInstance,
    begin: Begin,
    finish: Finish,
    clock: MovedClock,
) -> None:
    paul, _backup_id = backed_up
    marie = make_instance("sainte-marie")
    finish(begin(OperationKind.BACKUP, marie))
    first, second = begin("prove", paul), begin("prove", marie)
    run_operation(second.public_id, clock=clock)
    second.refresh_from_db()
    assert (second.state, first.public_id in second.message) == (OperationState.WAITING, True)
    assert finish(first).state == OperationState.SUCCEEDED
    clock.move(TURN_SECONDS)
    assert finish(second).state == OperationState.SUCCEEDED


def test_a_cancelled_proof_says_nothing_of_the_set_and_leaves_nothing(
    engine: FakeEngine, backed_up: tuple[Instance, str], begin: Begin, finish: Finish
) -> None:
    paul, backup_id = backed_up
    operation = begin("prove", paul)
    engine.before_call = lambda identifier, name: (
        Operation.objects.filter(pk=operation.pk).update(cancel_requested=True) and None
        if (identifier, name) == (PLACE, "run_job restore")
        else None
    )
    finish(operation)
    assert operation.state == OperationState.CANCELLED
    report = ProofReport.objects.get()
    assert (report.outcome, report.problems[0]["code"]) == (ProofOutcome.UNDECIDED, "operation_cancelled")
    assert Backup.objects.get(backup_id=backup_id).proven_at is None
    check_removed(engine)


def test_a_proof_that_is_cancelled_before_it_begins_makes_nothing(
    engine: FakeEngine, backed_up: tuple[Instance, str], begin: Begin, finish: Finish
) -> None:
    operation = begin("prove", backed_up[0])
    request_cancel(operation, requested_by="test")
    assert finish(operation).state == OperationState.CANCELLED
    assert not Instance.objects.filter(identifier=PLACE).exists()
    assert engine.list_effects(PLACE) == []

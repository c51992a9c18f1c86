"""Operations on the real node whose worker is killed in every one of their steps: another goes on, nothing is done
twice, nothing is left."""

import multiprocessing
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Mapping

import pytest
from django.conf import LazySettings
from django.db import connections
from django.utils import timezone

from backups.models import Backup, BackupState
from domain.states import ENDED_OPERATION_STATES, OperationKind, OperationState, StepState
from engine.kubernetes.client import forget_clients
from operations import runner
from operations.models import Operation
from operations.outcomes import Done, Outcome, StepContext, StepFunction
from operations.requests import request_operation
from tenants.models import Instance, Plan
from tests.cluster.parishes import ClusterParishes, describe, make_release_row, make_small
from tests.rows import make_plan_row

pytestmark = [pytest.mark.cluster, pytest.mark.django_db(transaction=True)]

FORK = multiprocessing.get_context("fork")
OPERATION_SECONDS = 400
MOMENTS = ("before", "after")


def work(public_id: str, met: Mapping[str, str], moments: random.Random) -> None:
    """What a worker does, until it dies in a step that has not met a death yet, or the operation has ended."""
    connections.close_all()
    forget_clients()
    runner.perform = lambda step, context: die_in(step.function, met, moments)(context)
    while True:
        next_run_at = runner.run_operation(public_id, clock=timezone.now)
        if Operation.objects.get(public_id=public_id).state in ENDED_OPERATION_STATES:
            os._exit(0)
        wait = (next_run_at - timezone.now()).total_seconds() if next_run_at else 0.1
        time.sleep(max(0.0, wait))


def die_in(function: StepFunction, met: Mapping[str, str], moments: random.Random) -> StepFunction:
    """Return the step that kills its process before all that it does, or once all is done and nothing is recorded."""

    def run(context: StepContext) -> Outcome:
        if context.step.name in met:
            return function(context)
        moment = moments.choice(MOMENTS)
        if moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        outcome = function(context)
        if isinstance(outcome, Done):
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome

    return run


def run_with_kills(
    kind: str,
    instance: Instance,
    moments: random.Random,
    *,
    expected: OperationState = OperationState.SUCCEEDED,
    **asked: object,
) -> Operation:
    """Run an operation to its end, which must be `expected`; a worker dies once in each of its steps."""
    operation = request_operation(kind=kind, instance=instance, requested_by="test", parameters=asked)
    # A forked process must not share the file of the database.
    connections.close_all()
    met: dict[str, str] = {}
    deadline = time.monotonic() + OPERATION_SECONDS
    while operation.state not in ENDED_OPERATION_STATES:
        assert time.monotonic() < deadline, describe(operation)
        worker = FORK.Process(target=work, args=(operation.public_id, met, moments), daemon=True)
        worker.start()
        worker.join(OPERATION_SECONDS)
        if worker.exitcode == -signal.SIGKILL:
            met |= dict.fromkeys(operation.steps.filter(state=StepState.RUNNING).values_list("name", flat=True), "")
            # The next worker is another process with other chances.
            moments.random()
        operation.refresh_from_db()
    assert operation.state == expected, describe(operation)
    ran = operation.steps.filter(state__in=[StepState.DONE, StepState.FAILED]).values_list("name", flat=True)
    failed = operation.steps.filter(state=StepState.FAILED).values_list("name", flat=True)
    assert set(ran) - set(met) <= set(failed), describe(operation)
    assert operation.lock is None
    instance.refresh_from_db()
    return operation


def test_a_life_with_its_worker_killed_in_every_step(parishes: ClusterParishes, settings: LazySettings) -> None:
    settings.LEASE_SECONDS = 2
    seed = secrets.randbelow(10**6)
    sys.stdout.write(f"seed {seed}\n")
    moments = random.Random(seed)
    jean = parishes.make_row("saint-jean")
    run_with_kills(OperationKind.PROVISION, jean, moments)
    assert parishes.read_page(jean)
    backups = [run_with_kills(OperationKind.BACKUP, jean, moments).result["backup_id"] for _ in range(2)]
    assert Backup.objects.filter(instance=jean, state=BackupState.GOOD).count() == 2
    before = parishes.read_content(jean)
    parishes.execute(jean, "DELETE FROM civicrm_email")
    run_with_kills(OperationKind.RESTORE, jean, moments, backup_id=backups[1], confirm="saint-jean")
    assert parishes.read_content(jean) == before
    run_with_kills(OperationKind.PRUNE, jean, moments, backup_ids=backups[:1], confirm="saint-jean")
    assert backups[0] not in parishes.engine.observe("saint-jean").backup_ids
    run_with_kills(OperationKind.SUSPEND, jean, moments)
    run_with_kills(OperationKind.RESUME, jean, moments)
    make_small(make_plan_row("other", db_gibibytes=1))
    run_with_kills(OperationKind.RESIZE, jean, moments, plan="other")
    assert jean.plan == Plan.objects.get(name="other")
    make_release_row("standin-2", civicrm="5.70.0", httpd="2")
    run_with_kills(OperationKind.UPGRADE, jean, moments, release="standin-2")
    assert parishes.execute(jean, "SELECT version FROM civicrm_domain").strip() == "5.70.0"
    make_release_row("standin-broken", civicrm="5.71.0", update="broken", httpd="1")
    before, failed = parishes.read_content(jean), OperationState.FAILED
    undone = run_with_kills(OperationKind.UPGRADE, jean, moments, expected=failed, release="standin-broken")
    assert undone.error_code == "upgrade_rolled_back" and parishes.read_content(jean) == before
    run_with_kills(OperationKind.DELETE, jean, moments, confirm="saint-jean", final_backup=False, purge_backups=True)
    observed = parishes.engine.observe("saint-jean")
    assert (observed.exists, observed.remains, observed.backup_ids) == (False, (), ())

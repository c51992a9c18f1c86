"""Operations on the real node whose worker is killed in every one of their steps: another goes on, nothing is done
twice, nothing is left."""

import multiprocessing
import os
import signal
import time

import pytest
from django.conf import LazySettings
from django.db import connections
from django.utils import timezone

from backups.models import Backup, BackupState
from domain.states import ENDED_OPERATION_STATES, OperationKind, OperationState, StepState
from engine.kubernetes.client import forget_clients
from operations.models import Operation
from operations.requests import request_operation
from operations.runner import run_operation
from tenants.models import Instance
from tests.cluster.parishes import ClusterParishes, describe

pytestmark = [pytest.mark.cluster, pytest.mark.django_db(transaction=True)]

FORK = multiprocessing.get_context("fork")
OPERATION_SECONDS = 300
LOOK_SECONDS = 0.02


def work(public_id: str) -> None:
    """What a worker does, until it is killed or the operation has ended."""
    connections.close_all()
    forget_clients()
    while True:
        next_run_at = run_operation(public_id, clock=timezone.now)
        if Operation.objects.get(public_id=public_id).state in ENDED_OPERATION_STATES:
            os._exit(0)
        wait = (next_run_at - timezone.now()).total_seconds() if next_run_at else 0.1
        time.sleep(max(0.0, wait))


def run_with_kills(kind: OperationKind, instance: Instance, **asked: object) -> list[str]:
    """Run an operation to its good end, killing the worker when each step begins. Return the steps that met it."""
    operation = request_operation(kind=kind, instance=instance, requested_by="test", parameters=asked)
    # A forked process must not share the file of the database.
    connections.close_all()
    killed: list[str] = []
    deadline = time.monotonic() + OPERATION_SECONDS
    while operation.state not in ENDED_OPERATION_STATES:
        worker = FORK.Process(target=work, args=(operation.public_id,), daemon=True)
        worker.start()
        while worker.is_alive():
            assert time.monotonic() < deadline, describe(operation)
            begun = operation.steps.filter(state=StepState.RUNNING).exclude(name__in=killed).first()
            if begun is not None and worker.pid is not None:
                os.kill(worker.pid, signal.SIGKILL)
                killed.append(begun.name)
            worker.join(LOOK_SECONDS)
        operation.refresh_from_db()
    assert operation.state == OperationState.SUCCEEDED, describe(operation)
    instance.refresh_from_db()
    return killed


def test_a_life_with_its_worker_killed_in_every_step(parishes: ClusterParishes, settings: LazySettings) -> None:
    settings.LEASE_SECONDS = 2
    jean = parishes.make_row("saint-jean")
    met = run_with_kills(OperationKind.PROVISION, jean)
    assert len(met) >= 4, met
    assert "saint-jean" in parishes.engine.observe_fleet().instances
    assert parishes.read_page(jean)
    run_with_kills(OperationKind.BACKUP, jean)
    assert Backup.objects.filter(instance=jean, state=BackupState.GOOD).count() == 1
    run_with_kills(OperationKind.DELETE, jean, confirm="saint-jean", final_backup=False, purge_backups=True)
    observed = parishes.engine.observe("saint-jean")
    assert (observed.exists, observed.remains, observed.backup_ids) == (False, (), ())

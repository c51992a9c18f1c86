"""The tools on the real node: a person enters their pod, finds the site and its database, and it ends."""

import shlex

import pytest
from django.utils import timezone

from domain.specs import ALL_COMPONENTS, JobPhase, JobProgram, JobSpec, JobStatus
from domain.states import ENDED_OPERATION_STATES, OperationState
from operations.models import Operation
from operations.requests import request_cancel, request_operation
from operations.runner import run_operation
from tenants.specs import make_instance_spec
from tests.cluster.control import wait_until
from tests.cluster.parishes import ClusterParishes, describe, finish

pytestmark = [pytest.mark.cluster, pytest.mark.django_db]
PAUL = "saint-paul"
COUNT = (
    "require '/app/web/databases.php'; [$d] = read_settings('/app/web/sites');"
    "echo connect_database($d, 'civicrm')->query('SELECT COUNT(*) FROM civicrm_contact')->fetch_row()[0];"
)


def list_pods(parishes: ClusterParishes) -> list[str]:
    """Return the pods of the tools that have not ended."""
    pods = parishes.cluster.list("pods", "-l", "app.kubernetes.io/component=tools", namespace=PAUL)
    return [pod["metadata"]["name"] for pod in pods if pod["status"]["phase"] in ("Pending", "Running")]


def await_open(operation: Operation) -> str:
    """Work on the operation until it tells how to enter; return the command line."""

    def is_open() -> bool:
        run_operation(operation.public_id, clock=timezone.now)
        operation.refresh_from_db()
        assert operation.state not in ENDED_OPERATION_STATES, describe(operation)
        return operation.message.startswith("open: ")

    wait_until(is_open, "the tools are open", seconds=240, show=lambda: describe(operation))
    return operation.message.removeprefix("open: ")


def test_a_person_enters_them_and_a_cancel_ends_them(parishes: ClusterParishes) -> None:
    instance = parishes.get(PAUL)
    operation = request_operation(kind="tools", instance=instance, requested_by="jeanne", parameters={"minutes": 20})
    program, verb, terminal, *words = shlex.split(await_open(operation))
    assert (program, verb, terminal, words[-1]) == ("kubectl", "exec", "-it", "bash")
    enter = ("exec", *words[:-1])
    # As the account of the site, by the socket of the router, as drush does.
    counted = parishes.cluster.kubectl(*enter, "runuser", "-u", "paroisse", "--", "php", "-r", COUNT)
    assert counted == parishes.execute(instance, "SELECT COUNT(*) FROM civicrm_contact").strip() != "0"
    assert "settings.php" in parishes.cluster.kubectl(*enter, "ls", "/app/web/sites/default")
    request_cancel(operation, requested_by="jeanne")
    finish(operation)
    assert operation.state == OperationState.SUCCEEDED, describe(operation)
    wait_until(lambda: list_pods(parishes) == [], "their pod has ended", show=lambda: str(list_pods(parishes)))
    assert parishes.engine.observe(PAUL).is_running(ALL_COMPONENTS)


def test_their_pod_ends_while_nobody_looks(parishes: ClusterParishes) -> None:
    spec = make_instance_spec(parishes.get(PAUL), components=ALL_COMPONENTS)
    job = JobSpec(name="tools-alone", program=JobProgram.TOOLS, environment={}, deadline_seconds=15)
    parishes.engine.run_job(spec, job)
    wait_until(lambda: list_pods(parishes) != [], "their pod is there", seconds=60)
    wait_until(lambda: list_pods(parishes) == [], "their pod has ended", seconds=150)
    told: list[JobStatus] = []

    def has_ended() -> bool:
        told.append(parishes.engine.run_job(spec, job))
        return told[-1].phase is not JobPhase.RUNNING

    wait_until(has_ended, "its run has ended")
    assert ((told[-1].result or {}).get("error") or {}).get("code") == "deadline_exceeded", told[-1]

"""The real node goes away and comes back: every instance on it is active again, and nobody did anything for it."""

import html

import pytest
from django.conf import LazySettings
from django.utils import timezone

from clusters.drift import observe_drift
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from operations.runner import run_operation
from operations.upkeep import restart_fallen_instances
from tenants.models import Instance
from tests.builders import CAST
from tests.cluster.control import Cluster, wait_until
from tests.cluster.parishes import ENGINE, ClusterParishes, describe, finish

pytestmark = [pytest.mark.cluster, pytest.mark.django_db]
PAUL, MARIE = "saint-paul", "sainte-marie"


def is_node_ready(cluster: Cluster) -> bool:
    """Return whether the node gives signs of life, as the controllers judge."""
    (node,) = cluster.list("nodes")
    conditions = {one["type"]: one["status"] for one in node["status"]["conditions"]}
    return conditions["Ready"] == "True"


def evict(cluster: Cluster, instance: Instance) -> None:
    """Ask for the end of an instance's pods, as the controllers do five minutes after the last sign of life."""
    cluster.kubectl("delete", "pods", "-l", "!job-name", "--wait=false", namespace=instance.identifier)


def keep_up() -> list[str]:
    """Do what the clock and the workers do each minute; return the instances that were resumed."""
    asked = restart_fallen_instances(now=timezone.now())
    for operation in Operation.objects.filter(lock__isnull=False):
        finish(operation)
    return asked


def test_a_node_away_and_back_leaves_every_instance_active(parishes: ClusterParishes, settings: LazySettings) -> None:
    paul, marie = parishes.get(PAUL), parishes.get(MARIE)
    for instance in (paul, marie):
        instance.url = f"https://{instance.host}/"
        instance.save()
    cluster = parishes.cluster
    cluster.kill("kubelet")
    try:
        wait_until(lambda: not is_node_ready(cluster), "the node is found away", seconds=90)
        # Asked for by a person meanwhile: it cannot succeed.
        settings.READY_TIMEOUT_SECONDS = 4
        failed = parishes.run(OperationKind.RESUME, paul, expected=OperationState.FAILED)
        assert paul.state == InstanceState.FAILED, describe(failed)
        for instance in (paul, marie):
            evict(cluster, instance)
        assert keep_up() == [], "while the node is away nothing is asked that cannot succeed"
        report = observe_drift(ENGINE, now=timezone.now(), only=paul)
        assert (report.looked_at, dict(report.instances), report.findings) == (1, {}, ()), "a failed one is compared"
    finally:
        settings.READY_TIMEOUT_SECONDS = 180
        cluster.start("kubelet")

    def are_well() -> bool:
        keep_up()
        for instance in (paul, marie):
            instance.refresh_from_db()
        running = [parishes.engine.observe(one.identifier).is_running(ALL_COMPONENTS) for one in (paul, marie)]
        return all(running) and {paul.state, marie.state} == {InstanceState.ACTIVE.value}

    wait_until(are_well, "all are active again", seconds=240, show=lambda: f"{paul.error_code} {marie.error_code}")
    assert paul.error_code == ""
    for instance in (paul, marie):
        assert CAST[instance.identifier][4] in html.unescape(parishes.read_page(instance))


def list_at_work(cluster: Cluster, *instances: Instance) -> list[str]:
    """Return the pods of the instances' servers that run."""
    listed = (cluster.list("pods", "-l", "!job-name", namespace=instance.identifier) for instance in instances)
    return [pod["metadata"]["name"] for pods in listed for pod in pods if pod["status"]["phase"] == "Running"]


def test_a_node_that_is_drained_and_comes_back_fails_nothing(parishes: ClusterParishes) -> None:
    """As an upgrade of the nodes does it: every pod is evicted, none has a place until the node is back."""
    instances = [parishes.get(slug) for slug in (PAUL, MARIE)]
    cluster = parishes.cluster
    (node,) = cluster.list("nodes")
    name = node["metadata"]["name"]
    try:
        # It keeps to the budgets: no program that writes is interrupted.
        options = ("--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=110s")
        cluster.kubectl("drain", name, *options)
        wait_until(lambda: list_at_work(cluster, *instances) == [], "every server is evicted")
        asked = restart_fallen_instances(now=timezone.now())
        for operation in Operation.objects.filter(lock__isnull=False):
            run_operation(operation.public_id, clock=timezone.now)
    finally:
        cluster.kubectl("uncordon", name)
    for operation in Operation.objects.filter(lock__isnull=False):
        finish(operation)
        assert operation.state == OperationState.SUCCEEDED, describe(operation)
    engine = parishes.engine

    def are_well() -> bool:
        return all(engine.observe(one.identifier).is_running(ALL_COMPONENTS) for one in instances)

    wait_until(are_well, "all run again", seconds=240, show=lambda: f"resumed meanwhile: {asked}")
    assert set(Instance.objects.values_list("state", flat=True)) == {InstanceState.ACTIVE.value}
    for instance in instances:
        wait_until(lambda one=instance: show_name(parishes, one), "its page shows its name")


def show_name(parishes: ClusterParishes, instance: Instance) -> bool:
    """Return whether the page shows the parish's name."""
    try:
        return CAST[instance.identifier][4] in html.unescape(parishes.read_page(instance))
    except (OSError, AssertionError):
        return False

"""The real scheduler places instances on several nodes: an instance's pods on one node in every state, instances on
different nodes, nothing stuck when a node is cordoned, drained or lost, and exactly the plan's reservation held."""

from collections.abc import Callable, Iterator

import pytest

from domain.specs import Component, JobProgram
from tests.cluster.by_hand import NOTHING_RUNS, ByHand
from tests.cluster.control import Cluster, wait_until
from tests.cluster.fake_nodes import FakeNodes

pytestmark = pytest.mark.cluster

BACKUP_ID = "20261121T080000Z-5f3a9c"
MakeInstance = Callable[[str], ByHand]


@pytest.fixture
def make_instance(own_cluster: Cluster) -> Iterator[MakeInstance]:
    """Make instances that are gone after the test."""
    made: list[ByHand] = []

    def make(identifier: str) -> ByHand:
        made.append(ByHand(own_cluster, identifier))
        return made[-1]

    yield make
    for instance in made:
        own_cluster.kubectl("delete", "namespace", instance.namespace, "--ignore-not-found", "--wait=false")


def find_node(nodes: FakeNodes, instance: ByHand, count: int) -> str:
    """Return the one node of the instance's `count` living pods."""

    def have_settled() -> bool:
        pods = nodes.list_pods(instance.namespace)
        placed = [pod["spec"].get("nodeName") for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        return len(pods) == len(placed) == count and None not in placed

    wait_until(have_settled, f"{count} pods of {instance.namespace} have a node", seconds=90, show=instance.describe)
    (node,) = nodes.find_nodes(instance.namespace)
    assert node is not None
    return node


def test_the_pods_of_an_instance_are_on_one_node_in_every_state(
    fake_nodes: FakeNodes, make_instance: MakeInstance
) -> None:
    instance = make_instance("every-state")
    instance.apply(NOTHING_RUNS)
    job = instance.start_job(JobProgram.INIT, "init-1")
    find_node(fake_nodes, instance, 1)
    fake_nodes.results["init"] = ""
    instance.wait_for_job(job, container="init")
    instance.apply(frozenset({Component.DB}))
    place = find_node(fake_nodes, instance, 1)
    instance.apply()
    assert find_node(fake_nodes, instance, 2) == place
    instance.cluster.kubectl("create", "job", "cron-1", "--from=cronjob/civicron", namespace=instance.namespace)
    instance.start_job(JobProgram.BACKUP, "backup-1", BACKUP_ID=BACKUP_ID)
    assert find_node(fake_nodes, instance, 4) == place
    fake_nodes.results |= {"cron": "", "backup": "{}"}
    assert find_node(fake_nodes, instance, 2) == place
    instance.apply(frozenset({Component.DB}))
    assert find_node(fake_nodes, instance, 1) == place
    instance.start_job(JobProgram.RESTORE, "restore-1", set_of="every-state", BACKUP_ID=BACKUP_ID)
    assert find_node(fake_nodes, instance, 2) == place
    fake_nodes.results["restore"] = "{}"
    instance.apply(NOTHING_RUNS)
    wait_until(lambda: not fake_nodes.list_pods(instance.namespace), "nothing runs", show=instance.describe)
    instance.start_job(JobProgram.UPDATE, "update-1")
    find_node(fake_nodes, instance, 1)


def test_instances_are_spread_over_the_nodes(fake_nodes: FakeNodes, make_instance: MakeInstance) -> None:
    instances = [make_instance(name) for name in ("spread-1", "spread-2", "spread-3")]
    places = set()
    for instance in instances:
        instance.apply()
        places.add(find_node(fake_nodes, instance, 2))
    assert places == {"fake-1", "fake-2", "fake-3"}


def test_a_drained_node_gives_its_instance_to_another_whole(fake_nodes: FakeNodes, make_instance: MakeInstance) -> None:
    instance = make_instance("drained")
    instance.apply()
    first = find_node(fake_nodes, instance, 2)
    fake_nodes.cordon(first)
    # The volumes are on the cordoned node: a Job waits for them rather than going where they are not.
    instance.start_job(JobProgram.BACKUP, "backup-1", BACKUP_ID=BACKUP_ID)
    wait_until(lambda: bool(fake_nodes.list_refusals("drained")), "the backup waits", show=instance.describe)
    assert fake_nodes.find_nodes("drained") == {first, None}
    instance.cluster.kubectl("drain", first, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=60s")
    assert find_node(fake_nodes, instance, 3) != first


def test_a_lost_node_is_left_once_it_is_declared_out_of_service(
    fake_nodes: FakeNodes, make_instance: MakeInstance
) -> None:
    instance = make_instance("lost")
    instance.apply()
    lost = find_node(fake_nodes, instance, 2)
    fake_nodes.lose(lost)
    kubectl = instance.cluster.kubectl
    kubectl("wait", "--for=condition=Ready=Unknown", f"node/{lost}", "--timeout=60s")
    kubectl("taint", "node", lost, "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute")
    wait_until(lambda: lost not in fake_nodes.find_nodes("lost"), "it is left", seconds=90)
    assert find_node(fake_nodes, instance, 2) != lost


def test_a_removed_node_is_left_by_all_its_pods(fake_nodes: FakeNodes, make_instance: MakeInstance) -> None:
    instance = make_instance("removed")
    instance.apply()
    gone = find_node(fake_nodes, instance, 2)
    fake_nodes.remove(gone)
    instance.cluster.kubectl("delete", "pods", "--all", "--force", "--grace-period=0", namespace="removed")
    assert find_node(fake_nodes, instance, 2) != gone


@pytest.mark.parametrize(("millicores", "fits"), [(1350, True), (1349, False)])
def test_the_scheduler_holds_what_the_default_plan_says(
    own_cluster: Cluster, make_instance: MakeInstance, millicores: int, fits: bool
) -> None:
    instance = make_instance(f"held-{millicores}")
    with FakeNodes(own_cluster.kubeconfig, ("exact",), cpu=f"{millicores}m", memory="1508Mi") as nodes:
        instance.apply()
        if fits:
            assert find_node(nodes, instance, 2) == "exact"
            return
        reason = "Insufficient cpu"

        def is_said() -> bool:
            return any(reason in message for message in nodes.list_refusals(instance.namespace))

        wait_until(is_said, f"the scheduler says {reason}", show=instance.describe)
        assert nodes.find_nodes(instance.namespace) == {"exact", None}

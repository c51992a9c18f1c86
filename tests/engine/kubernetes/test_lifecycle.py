"""What follows from an apply: runs of a schedule that is off end, pods that block their replacement go."""

import dataclasses

from domain.cluster import ClusterSettings
from domain.specs import Component, ComponentPhase
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.lifecycle import apply_and_observe, end_scheduled_runs, remove_stuck_pods, select_stuck_pods
from engine.kubernetes.observe import read_view
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import NAMESPACE, NOW, make_pod, provision, run_server

SPEC = make_spec(NAMESPACE)


def test_an_apply_answers_with_what_there_is(api: FakeApi, engine: KubernetesEngine, settings: ClusterSettings) -> None:
    provision(api, engine)
    observed = apply_and_observe(engine.client, SPEC, settings, now=NOW)
    assert observed == engine.observe(NAMESPACE)
    assert observed.is_running(SPEC.components)


def test_waiting_sends_nothing_until_somebody_else_changes_it(
    api: FakeApi, engine: KubernetesEngine, settings: ClusterSettings
) -> None:
    provision(api, engine)
    engine.apply(SPEC)
    sent = api.count("PATCH")
    assert engine.apply(SPEC).is_running(SPEC.components) and api.count("PATCH") == sent
    other = KubernetesEngine("other", connection=engine.connection, settings=settings)
    client = other.client
    client.applied.clear()  # as another process would
    other.suspend(SPEC)
    run_server(api, "db")
    assert engine.apply(SPEC).components[Component.DB].phase is ComponentPhase.STARTING
    assert api.get("StatefulSet", "paroisse-set-db", NAMESPACE)["spec"]["replicas"] == 1


def test_a_cron_run_ends_when_its_schedule_is_switched_off_and_a_backup_does_not(
    api: FakeApi, engine: KubernetesEngine
) -> None:
    provision(api, engine)
    for schedule in ("civicron", "civibackup"):
        job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": f"{schedule}-1", "namespace": NAMESPACE}}
        uid = api.put(job)["metadata"]["uid"]
        api.get("CronJob", schedule, NAMESPACE)["status"] = {"active": [{"name": f"{schedule}-1", "uid": uid}]}
    end_scheduled_runs(engine.client, read_view(engine.client, NAMESPACE))
    assert ("Job", NAMESPACE, "civicron-1") in api.objects
    engine.apply(dataclasses.replace(SPEC, components=frozenset({Component.DB})))
    assert ("Job", NAMESPACE, "civicron-1") not in api.objects
    assert ("Job", NAMESPACE, "civibackup-1") in api.objects


def test_a_pod_that_blocks_its_own_replacement_goes(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    waiting = {"name": "db", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}
    stuck = make_pod("paroisse-set-db-0", "db", conditions=[], containerStatuses=[waiting])
    stuck["metadata"]["labels"]["controller-revision-hash"] = "rev-0"
    api.put(stuck)
    view = read_view(engine.client, NAMESPACE)
    assert [pod["metadata"]["name"] for pod in select_stuck_pods(view.servers, view.pods)] == ["paroisse-set-db-0"]
    remove_stuck_pods(engine.client, view)
    assert ("Pod", NAMESPACE, "paroisse-set-db-0") not in api.objects


def test_a_pod_of_the_revision_asked_for_is_left_alone_whatever_ails_it(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    waiting = {"name": "db", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    pod = make_pod("paroisse-set-db-0", "db", conditions=[], containerStatuses=[waiting])
    pod["metadata"]["labels"]["controller-revision-hash"] = "rev-1"
    api.put(pod)
    view = read_view(engine.client, NAMESPACE)
    assert select_stuck_pods(view.servers, view.pods) == []

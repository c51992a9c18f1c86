"""What there is of an instance, from its objects alone."""

import dataclasses
import json
from typing import Any

import pytest

from domain.specs import ALL_COMPONENTS, Component, ComponentPhase
from engine.kubernetes.records import NamespaceRecord
from engine.kubernetes.view import LOOK, InstanceView, list_reported_sets, make_observed
from manifests.labels import COMPONENT_LABEL
from tests.engine.kubernetes.objects import BACKUP_ID, NAMESPACE, make_ended_pod, make_pod

KEPT = frozenset({"backupsvolclaim"})
RECORD = NamespaceRecord(
    name=NAMESPACE, ours=True, resource_version="1", initialised=True, host="www.saint-paul.example.org"
)


def make_server(component: str, *, replicas: int = 1, ready: int | None = None, generation: int = 1) -> dict[str, Any]:
    ready = replicas if ready is None else ready
    return {
        "metadata": {"name": f"set-{component}", "labels": {COMPONENT_LABEL: component}, "generation": generation},
        "spec": {"replicas": replicas},
        "status": {"observedGeneration": 1, "readyReplicas": ready, "updatedReplicas": replicas},
    }


def make_schedule(*, suspend: bool = False) -> dict[str, Any]:
    return {"metadata": {"name": "civicron", "labels": {COMPONENT_LABEL: "cron"}}, "spec": {"suspend": suspend}}


def make_claim(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}}


def make_volume(name: str, *, phase: str = "Released", policy: str = "Delete") -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "spec": {"persistentVolumeReclaimPolicy": policy, "claimRef": {"namespace": NAMESPACE, "name": "dbvolclaim"}},
        "status": {"phase": phase},
    }


RUNNING = InstanceView(
    identifier=NAMESPACE,
    namespace=RECORD,
    servers=(make_server("db"), make_server("httpd")),
    schedules=(make_schedule(),),
    pods=(make_pod("db-0", "db"), make_pod("httpd-0", "httpd")),
    claims=(make_claim("dbvolclaim"), make_claim("backupsvolclaim")),
)


def phase_of(view: InstanceView, component: Component = Component.DB) -> tuple[ComponentPhase, str]:
    seen = make_observed(view, kept_claims=KEPT).components[component]
    return seen.phase, seen.detail


def with_pods(*pods: dict[str, Any], **changes: Any) -> InstanceView:
    return dataclasses.replace(RUNNING, pods=pods, **changes)


def test_an_instance_that_runs() -> None:
    observed = make_observed(RUNNING, kept_claims=KEPT)
    assert observed.is_running(ALL_COMPONENTS) and observed.exists and observed.initialised
    assert observed.url == "https://www.saint-paul.example.org/"
    assert observed.database is not None and observed.database.host == "civicrmdb.saint-paul.svc"
    assert observed.remains == ("namespace saint-paul", "claim dbvolclaim", "pod db-0", "pod httpd-0")


@pytest.mark.parametrize(
    "server", [make_server("db", ready=0), make_server("db", generation=2), make_server("db", replicas=1, ready=0)]
)
def test_what_the_controller_has_not_done_yet_is_not_ready(server: dict[str, Any]) -> None:
    assert phase_of(dataclasses.replace(RUNNING, servers=(server,)))[0] is ComponentPhase.STARTING


def test_a_pod_in_trouble_is_a_failure_with_its_reason() -> None:
    status = {"name": "db", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "not found"}}}
    pod = make_pod("db-0", "db", conditions=[], containerStatuses=[status])
    found = phase_of(with_pods(pod, servers=(make_server("db", ready=0),)))
    assert found == (ComponentPhase.FAILED, "db: ImagePullBackOff: not found")


def test_a_stopped_server_is_stopped_once_its_pod_is_gone() -> None:
    servers = (make_server("db", replicas=0),)
    assert phase_of(with_pods(make_pod("db-0", "db"), servers=servers))[0] is ComponentPhase.STARTING
    assert phase_of(with_pods(servers=servers)) == (ComponentPhase.STOPPED, "not started")
    unproven = dataclasses.replace(RECORD, initialised=False)
    assert phase_of(with_pods(servers=servers, namespace=unproven))[1] == "waits for its initial data"
    assert phase_of(with_pods(servers=(make_server("db", ready=0),)))[0] is ComponentPhase.STARTING


def test_a_schedule_that_is_off_is_stopped_once_its_run_is_gone() -> None:
    off = (make_schedule(suspend=True),)
    run = make_pod("civicron-1-x", "cron")
    assert phase_of(with_pods(run, schedules=off), Component.CRON)[0] is ComponentPhase.STARTING
    assert phase_of(with_pods(make_ended_pod("c", "cron"), schedules=off), Component.CRON)[0] is ComponentPhase.STOPPED
    assert phase_of(with_pods(schedules=()), Component.CRON)[0] is ComponentPhase.STOPPED


def test_sets_are_what_was_written_down_and_what_ended_since() -> None:
    record = dataclasses.replace(RECORD, sets=("20261120T080000Z-000000", BACKUP_ID))
    made = make_ended_pod("b", "backup", message={"ok": True, "backup_id": "20261122T080000Z-000000"})
    failed = make_ended_pod("f", "backup", exit_code=1, message={"ok": False, "backup_id": "20261123T080000Z-000000"})
    discarded = make_ended_pod("d", "discard", message={"ok": True, "backup_id": BACKUP_ID})
    verified = make_ended_pod("v", "verify", message={"ok": True, "backup_id": "20261124T080000Z-000000"})
    observed = make_observed(with_pods(made, failed, discarded, verified, namespace=record), kept_claims=KEPT)
    assert observed.backup_ids == ("20261120T080000Z-000000", "20261122T080000Z-000000")
    assert list_reported_sets([made]) == (("20261122T080000Z-000000",), ())


def test_kept_backups_are_no_instance_and_a_purge_of_them_shows_until_it_is_done() -> None:
    kept = dataclasses.replace(RECORD, kept=True, initialised=False, sets=(BACKUP_ID,))
    view = InstanceView(identifier=NAMESPACE, namespace=kept, claims=(make_claim("backupsvolclaim"),))
    observed = make_observed(view, kept_claims=KEPT)
    assert (observed.exists, observed.remains, observed.backup_ids) == (False, (), (BACKUP_ID,))
    ending = dataclasses.replace(view, namespace=dataclasses.replace(kept, ending="being deleted"))
    assert make_observed(ending, kept_claims=KEPT).remains == ("namespace saint-paul (being deleted)",)


def test_volumes_outlive_their_namespace() -> None:
    gone = InstanceView(identifier=NAMESPACE, namespace=None, volumes=(make_volume("pv-1", phase="Bound"),))
    observed = make_observed(gone, kept_claims=KEPT)
    assert (observed.exists, observed.remains) == (True, ("volume pv-1 (Bound)",))
    retained = dataclasses.replace(gone, volumes=(make_volume("pv-1", policy="Retain"),))
    observed = make_observed(retained, kept_claims=KEPT)
    assert (observed.exists, observed.remains) == (False, ())
    assert observed.limits.endswith("kept by their reclaim policy Retain: pv-1")


def test_a_namespace_of_somebody_else_s_is_no_instance() -> None:
    foreign = dataclasses.replace(RUNNING, namespace=dataclasses.replace(RECORD, ours=False))
    observed = make_observed(foreign, kept_claims=KEPT)
    assert (observed.exists, observed.remains, observed.components) == (False, (), {})


def make_look(name: str, finished: str, **result: Any) -> dict[str, Any]:
    end = {"exitCode": 0, "finishedAt": finished, "message": json.dumps({"ok": True, "look": "room", **result})}
    states = [{"name": "wait-db-cron", "state": {}}, {"name": LOOK, "state": {"terminated": end}}]
    return make_pod(name, "cron", phase="Failed", conditions=[], initContainerStatuses=states)


def test_the_last_look_of_a_cron_tells_room_also_when_the_run_failed() -> None:
    volumes = {"db": {"total": 100, "free": 4, "percent": 96}}
    pods = (
        make_look("civicron-1", "2026-11-30T06:00:00Z", volumes={}, write_error=""),
        make_look("civicron-2", "2026-11-30T06:10:00Z", volumes=volumes, write_error="The table is full"),
        make_ended_pod("civicron-0", "cron"),
    )
    observed = make_observed(InstanceView(identifier=NAMESPACE, namespace=RECORD, pods=pods), kept_claims=KEPT)
    room = observed.room
    assert room is not None and (dict(room.percents), room.write_error) == ({"db": 96}, "The table is full")
    assert room.at.isoformat() == "2026-11-30T06:10:00+00:00"


def test_without_a_look_nothing_is_said_of_room() -> None:
    pods = (make_ended_pod("civicron-0", "cron"), make_ended_pod("backup-0", "backup"))
    assert make_observed(InstanceView(identifier=NAMESPACE, namespace=RECORD, pods=pods), kept_claims=KEPT).room is None

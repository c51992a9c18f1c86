"""The whole cluster at once, by a constant number of lists: eight kinds, however many instances there are.

Each object is cut down to what we read of it as its page arrives, so that a thousand instances fit into memory.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.fleet import Ending, ObservedFleet, ObservedNode, ObservedPod, ObservedVolume
from domain.quantities import parse_bytes, parse_millicores
from domain.reservations import Reservation
from engine.kubernetes.attachments import count_foreign, find_limit, list_own_drivers, read_limits
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.observe import find_owner, list_kept_claims
from engine.kubernetes.pods import (
    compute_reserved,
    get_label,
    get_name,
    has_ended,
    list_statuses,
    parse_time,
)
from engine.kubernetes.records import NamespaceRecord, parse_namespace
from engine.kubernetes.view import InstanceView, Object, make_observed
from manifests.labels import COMPONENT_LABEL, INSTANCE_LABEL, JOB_LABEL, OURS, is_ours

# Objects of a page, by kind: what a thousand instances have in two pages, and some megabytes at most. Lists of "any
# version" come all at once, whatever their limit: only for what does not grow with the instances.
PAGES = {"PersistentVolumeClaim": 2000, "PersistentVolume": 2000, "StatefulSet": 1000, "CronJob": 1000, "Pod": 1000}
ANY_VERSION = frozenset({"Node", "CSINode"})
BATCH_JOB_LABEL = "batch.kubernetes.io/job-name"
SERVERS = frozenset({"db", "httpd"})
# Pods stay for five minutes on a node that gives no sign of life (the API server's default tolerations): until then it
# is expected back, as all nodes are after an API server's restart.
NOT_READY_TOLERATED = timedelta(seconds=300)
NOT_READY_TAINTS = frozenset({"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"})


def observe_cluster(client: ClusterClient, *, manager: str = "", now: datetime) -> ObservedFleet:
    """Return everything of ours on the cluster, and what else its nodes hold. `manager`: our mark."""
    # All of them: what is in a namespace of somebody else's is not ours, whatever its name.
    records = [parse_namespace(namespace) for namespace in _read(client, "v1", "Namespace")]
    namespaces = {record.name: record for record in records if record.ours}
    foreign = {record.name for record in records if not record.ours}
    pods = [cut_pod(pod) for pod in _read(client, "v1", "Pod")]
    claims = [_cut(claim, "spec", "status") for claim in _read(client, "v1", "PersistentVolumeClaim", selector=OURS)]
    volumes = [_cut(volume, "spec", "status") for volume in _read(client, "v1", "PersistentVolume")]
    servers = [cut_server(server) for server in _read(client, "apps/v1", "StatefulSet", selector=OURS)]
    schedules = [cut_schedule(schedule) for schedule in _read(client, "batch/v1", "CronJob", selector=OURS)]
    limits, taken = read_limits(client), _count_taken(pods, volumes, namespaces)
    used = list_own_drivers(volume for volume in volumes if find_owner(volume) in namespaces)
    nodes = [
        observe_node(
            node, now=now, limits=limits.get(get_name(node), {}), used=used, taken=taken.get(get_name(node), {})
        )
        for node in _read(client, "v1", "Node")
    ]
    left = [volume for volume in volumes if find_owner(volume) not in foreign]
    views = make_views(namespaces, servers=servers, schedules=schedules, pods=pods, claims=claims, volumes=left)
    observed = [make_observed(view, kept_claims=list_kept_claims()) for view in views]
    mounted = {
        (pod["metadata"]["namespace"], name) for pod in pods if not has_ended(pod) for name in _list_claims_of(pod)
    }
    return ObservedFleet(
        at=now,
        manager=manager,
        instances={instance.identifier: instance for instance in observed if instance.exists or instance.backup_ids},
        endings={
            name: Ending(since=record.ending_since, detail=record.ending)
            for name, record in namespaces.items()
            if record.ending_since
        },
        nodes=tuple(nodes),
        pods=tuple(observe_pod(pod) for pod in pods),
        volumes=tuple(observe_volume(volume, mounted, foreign) for volume in volumes),
    )


def _read(client: ClusterClient, api_version: str, kind: str, *, selector: str = "") -> Iterable[dict[str, Any]]:
    limit, any_version = PAGES.get(kind, 1000), kind in ANY_VERSION
    return client.list(api_version, kind, selector=selector, limit=limit, any_version=any_version)


def make_views(
    namespaces: Mapping[str, NamespaceRecord],
    *,
    servers: Iterable[Object],
    schedules: Iterable[Object],
    pods: Iterable[Object],
    claims: Iterable[Object],
    volumes: Iterable[Object],
) -> list[InstanceView]:
    """Return one view for each namespace of ours, and for each that is gone and left volumes."""

    def group(objects: Iterable[Object]) -> dict[str, tuple[Object, ...]]:
        groups: dict[str, list[Object]] = defaultdict(list)
        for object_ in objects:
            groups[object_["metadata"]["namespace"]].append(object_)
        return {name: tuple(content) for name, content in groups.items()}

    owned: dict[str, list[Object]] = defaultdict(list)
    for volume in volumes:
        if owner := find_owner(volume):
            owned[owner].append(volume)
    by_kind = group(servers), group(schedules), group(pod for pod in pods if is_ours(pod)), group(claims)
    views = []
    for name in sorted({*namespaces, *owned}):
        record = namespaces.get(name)
        outlive = record is None or record.kept or bool(record.ending)
        views.append(
            InstanceView(
                identifier=name,
                namespace=record,
                servers=by_kind[0].get(name, ()),
                schedules=by_kind[1].get(name, ()),
                pods=by_kind[2].get(name, ()),
                claims=by_kind[3].get(name, ()),
                volumes=tuple(owned[name]) if outlive and name in owned else (),
            )
        )
    return views


def _count_taken(
    pods: Iterable[Object], volumes: Iterable[Object], namespaces: Mapping[str, NamespaceRecord]
) -> Mapping[str, Mapping[str, int]]:
    """Return node -> driver -> how many volumes of others are held there."""
    drivers = {}
    for volume in volumes:
        claim, driver = volume["spec"].get("claimRef") or {}, (volume["spec"].get("csi") or {}).get("driver")
        if driver and claim:
            drivers[claim.get("namespace", ""), claim.get("name", "")] = driver
    running = (pod for pod in pods if not has_ended(pod))
    return count_foreign(running, drivers, is_ours=dict.fromkeys(namespaces, True))


def observe_node(
    node: Object,
    *,
    now: datetime,
    limits: Mapping[str, int] | None = None,
    used: Iterable[str] = (),
    taken: Mapping[str, int] | None = None,
) -> ObservedNode:
    """Return a node. It is schedulable when it is not cordoned, not tainted against all, and ready or expected back.
    `limits`, `used`, `taken`: of volumes, see attachments.find_limit."""
    status, spec = node.get("status") or {}, node.get("spec") or {}
    room = status.get("allocatable") or {}
    closed = any(
        taint.get("effect") in ("NoSchedule", "NoExecute") and taint.get("key") not in NOT_READY_TAINTS
        for taint in spec.get("taints") or ()
    )
    return ObservedNode(
        name=get_name(node),
        allocatable=Reservation(parse_millicores(room.get("cpu", 0)), parse_bytes(room.get("memory", 0))),
        most_pods=int(room["pods"]) if "pods" in room else None,
        most_volumes=find_limit(room, limits or {}, used=used, taken=taken or {}),
        schedulable=_is_expected(status, now=now) and not spec.get("unschedulable") and not closed,
    )


def _is_expected(status: Object, *, now: datetime) -> bool:
    """Return whether a node is ready, or was a short while ago."""
    readiness = [condition for condition in status.get("conditions") or () if condition.get("type") == "Ready"]
    ready: Object = readiness[0] if readiness else {}
    since = parse_time(ready.get("lastTransitionTime"))
    return ready.get("status") == "True" or (since is not None and now - since < NOT_READY_TOLERATED)


def observe_pod(pod: Object) -> ObservedPod:
    """Return one pod, ours or not."""
    ours = is_ours(pod)
    component = get_label(pod, COMPONENT_LABEL) if ours else ""
    ended = has_ended(pod)
    status = pod.get("status") or {}
    return ObservedPod(
        name=f"{pod['metadata']['namespace']}/{get_name(pod)}",
        node=pod["spec"].get("nodeName"),
        instance=get_label(pod, INSTANCE_LABEL) or None if ours else None,
        component=component,
        job=(get_label(pod, JOB_LABEL) or get_label(pod, BATCH_JOB_LABEL)) if component not in SERVERS else "",
        reserved=compute_reserved(pod),
        started_at=parse_time(status.get("startTime")) if pod["spec"].get("nodeName") else None,
        ended_at=_find_end(pod) if ended else None,
        failed=status.get("phase") == "Failed",
    )


def _find_end(pod: Object) -> datetime | None:
    """Return when the last container of an ended pod ended; one that was evicted may have none that ran."""
    ends = [
        parse_time(((status.get("state") or {}).get("terminated") or {}).get("finishedAt"))
        for status in list_statuses(pod)
    ]
    status = pod.get("status") or {}
    changes = [parse_time(condition.get("lastTransitionTime")) for condition in status.get("conditions") or ()]
    known = [moment for moment in ends if moment] or [moment for moment in changes if moment]
    return max(known, default=parse_time(pod["metadata"].get("creationTimestamp")))


def observe_volume(volume: Object, mounted: set[tuple[str, str]], foreign: set[str]) -> ObservedVolume:
    """Return one volume. It is an instance's by its claim's name, in a namespace of ours or one that is gone."""
    spec, claim = volume["spec"], volume["spec"].get("claimRef") or {}
    owner, status = find_owner(volume), volume.get("status") or {}
    is_bound = status.get("phase") == "Bound"
    return ObservedVolume(
        name=get_name(volume),
        capacity_bytes=parse_bytes((spec.get("capacity") or {}).get("storage", 0)),
        storage_class=spec.get("storageClassName", ""),
        instance=owner if owner not in foreign else None,
        claim=claim.get("name", ""),
        is_bound=is_bound,
        is_mounted=(claim.get("namespace", ""), claim.get("name", "")) in mounted,
        reclaim_policy=spec.get("persistentVolumeReclaimPolicy", ""),
        created_at=parse_time(volume["metadata"].get("creationTimestamp")),
        released_at=None if is_bound else parse_time(status.get("lastPhaseTransitionTime")),
    )


def _list_claims_of(pod: Object) -> Iterable[str]:
    for volume in pod["spec"].get("volumes") or ():
        if "persistentVolumeClaim" in volume:
            yield volume["persistentVolumeClaim"]["claimName"]


# --- What is kept of an object ------------------------------------------------------------------------------------


def _cut(object_: Object, *fields: str) -> Object:
    metadata = object_["metadata"]
    kept = ("name", "namespace", "labels", "generation", "creationTimestamp", "deletionTimestamp")
    return {"metadata": {name: metadata[name] for name in kept if name in metadata}} | {
        name: object_[name] for name in fields if name in object_
    }


def cut_pod(pod: Object) -> Object:
    """Return what we read of a pod: names, requests, claims and states of containers."""
    spec, small = pod["spec"], _cut(pod, "status")
    containers = {
        kind: [
            {name: container[name] for name in ("name", "resources", "restartPolicy") if name in container}
            for container in spec[kind]
        ]
        for kind in ("initContainers", "containers")
        if kind in spec
    }
    others = {name: spec[name] for name in ("nodeName", "overhead", "resources") if name in spec}
    volumes = [volume for volume in spec.get("volumes") or () if "persistentVolumeClaim" in volume]
    return {**small, "spec": {**containers, **others, "volumes": volumes}}


def cut_server(server: Object) -> Object:
    """Return what we read of a StatefulSet: how many it should have, and how far it is."""
    return {**_cut(server, "status"), "spec": {"replicas": server["spec"].get("replicas", 0)}}


def cut_schedule(schedule: Object) -> Object:
    """Return what we read of a CronJob."""
    return {**_cut(schedule), "spec": {"suspend": schedule["spec"].get("suspend", False)}}

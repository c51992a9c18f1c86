"""From an instance's objects to what there is of it. Pure: one look at one instance and at a whole cluster agree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.room import ObservedRoom, parse_room
from domain.specs import (
    Component,
    ComponentPhase,
    Endpoint,
    JobProgram,
    ObservedComponent,
    ObservedInstance,
)
from domain.start_stages import StartStage
from engine.kubernetes.pods import (
    Pod,
    describe_progress,
    describe_trouble,
    get_label,
    get_name,
    has_ended,
    is_ending,
    is_ready,
    list_statuses,
    parse_result,
    parse_time,
)
from engine.kubernetes.records import NamespaceRecord, list_missing, merge_sets
from engine.kubernetes.starting import awaits_node, find_stage, is_hopeless
from manifests.labels import COMPONENT_LABEL
from manifests.tls import DB_NAME

DB_PORT = 3306
# The container that looks at room before each run of the cron (k8s_templates).
LOOK = "look"
LIMITS = "requests, limits and quota by the cluster"
Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceView:
    """The objects of one instance. `volumes`: those whose claim is or was in its namespace. Lists hold what is in the
    namespace with our label. `nodes_come`: the cluster makes a node for a pod that waits for one."""

    identifier: str
    namespace: NamespaceRecord | None
    servers: tuple[Object, ...] = ()
    schedules: tuple[Object, ...] = ()
    pods: tuple[Pod, ...] = ()
    claims: tuple[Object, ...] = ()
    volumes: tuple[Object, ...] = ()
    nodes_come: bool = False


def make_observed(view: InstanceView, *, kept_claims: frozenset[str]) -> ObservedInstance:
    """Return what there is of the instance. `kept_claims`: the claims that a purge may leave, with the backups."""
    record = view.namespace
    left, retained = _list_volumes_left(view)
    if record is None or not record.ours:
        # A namespace of somebody else's says nothing of an instance of ours.
        return ObservedInstance(
            identifier=view.identifier, exists=bool(left), limits=_describe_limits(retained), remains=left
        )
    # Kept with its backups, unless these are being purged now.
    proven = record.kept and not record.ending
    remains = left if proven else (*_list_objects_left(view, kept_claims), *left)
    components = {component: _observe(view, component) for component in (Component.DB, Component.HTTPD)}
    components[Component.CRON] = _observe_cron(view)
    made, discarded = list_reported_sets(view.pods)
    sets, _gone = merge_sets(record, made=made, discarded=discarded)
    asked = {get_label(server, COMPONENT_LABEL) for server in view.servers if server["spec"].get("replicas")}
    return ObservedInstance(
        identifier=view.identifier,
        exists=bool(remains),
        initialised=record.initialised,
        components=components,
        database=Endpoint(host=f"{DB_NAME}.{view.identifier}.svc", port=DB_PORT) if view.servers else None,
        url=f"https://{record.host}/" if Component.HTTPD.value in asked and record.host else None,
        limits=_describe_limits(retained),
        remains=remains,
        missing=list_missing(record, {get_name(claim) for claim in view.claims}),
        backup_ids=sets,
        manager=record.manager,
        expiries=record.expiries,
        room=find_room(view.pods),
    )


def find_room(pods: Iterable[Pod]) -> ObservedRoom | None:
    """Return what the last look of a cron's pod saw of the volumes and the database."""
    ends = [
        (status.get("state") or {}).get("terminated")
        for pod in pods
        if get_label(pod, COMPONENT_LABEL) == Component.CRON
        for status in list_statuses(pod)
        if status["name"] == LOOK
    ]
    rooms = [parse_room(parse_result(end), parse_time(end.get("finishedAt"))) for end in ends if end]
    return max((room for room in rooms if room is not None), key=lambda room: room.at, default=None)


def list_reported_sets(pods: Iterable[Pod]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sets that ended runs say they (made, discarded)."""
    made: list[str] = []
    discarded: list[str] = []
    for pod in pods:
        program = get_label(pod, COMPONENT_LABEL)
        if program not in (JobProgram.BACKUP, JobProgram.FETCH, JobProgram.DISCARD):
            continue
        for status in list_statuses(pod):
            result = parse_result((status.get("state") or {}).get("terminated"))
            if result and result.get("ok") is True and isinstance(result.get("backup_id"), str):
                (discarded if program == JobProgram.DISCARD else made).append(result["backup_id"])
    return tuple(made), tuple(discarded)


def _list_volumes_left(view: InstanceView) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (volumes a purge must still see gone, volumes that their reclaim policy keeps for ever)."""
    left, retained = [], []
    claimed = {get_name(claim) for claim in view.claims}
    for volume in view.volumes:
        phase = (volume.get("status") or {}).get("phase", "")
        # One whose claim is still there goes with it; one whose claim is gone may still say Bound for a moment.
        if volume["spec"]["claimRef"]["name"] in claimed and phase not in ("Released", "Failed"):
            continue
        if volume["spec"].get("persistentVolumeReclaimPolicy") == "Retain":
            retained.append(get_name(volume))
        else:
            left.append(f"volume {get_name(volume)} ({phase})")
    return tuple(sorted(left)), tuple(sorted(retained))


def _list_objects_left(view: InstanceView, kept_claims: frozenset[str]) -> tuple[str, ...]:
    record = view.namespace
    assert record is not None
    name = f"namespace {view.identifier}" + (f" ({record.ending})" if record.ending else "")
    claims = sorted(f"claim {get_name(claim)}" for claim in view.claims if get_name(claim) not in kept_claims)
    pods = sorted(f"pod {get_name(pod)}" for pod in view.pods if not has_ended(pod))
    return (name, *claims, *pods)


def _describe_limits(retained: tuple[str, ...]) -> str:
    kept = f"; kept by their reclaim policy Retain: {', '.join(retained)}" if retained else ""
    return f"{LIMITS}{kept}"


def _observe(view: InstanceView, component: Component) -> ObservedComponent:
    server = next((server for server in view.servers if get_label(server, COMPONENT_LABEL) == component), None)
    pods = [pod for pod in view.pods if get_label(pod, COMPONENT_LABEL) == component and not has_ended(pod)]
    if server is None or not server["spec"].get("replicas"):
        if pods:
            return ObservedComponent(phase=ComponentPhase.STARTING, detail=describe_progress(pods[0]))
        waits = view.namespace is not None and not view.namespace.initialised
        return ObservedComponent(
            phase=ComponentPhase.STOPPED, detail="waits for its initial data" if waits else "not started"
        )
    if _is_settled(server) and len(pods) == 1 and is_ready(pods[0]):
        node = pods[0]["spec"].get("nodeName", "?")
        return ObservedComponent(phase=ComponentPhase.READY, detail=f"pod {get_name(pods[0])} on {node}")
    for pod in view.pods:
        trouble = describe_trouble(pod) if get_label(pod, COMPONENT_LABEL) == component else ""
        if trouble and not is_ending(pod):
            if view.nodes_come and awaits_node(pod):
                return ObservedComponent(phase=ComponentPhase.STARTING, detail=trouble, stage=StartStage.ENLARGING)
            return ObservedComponent(
                phase=ComponentPhase.FAILED, detail=trouble, stage=find_stage(pod), is_hopeless=is_hopeless(pod)
            )
    detail = describe_progress(pods[0]) if pods else "waits for its pod"
    stage = find_stage(pods[0]) if pods else StartStage.SCHEDULING
    return ObservedComponent(phase=ComponentPhase.STARTING, detail=detail, stage=stage)


def _is_settled(server: Object) -> bool:
    """Return whether the controller has acted on what was last asked, and its pods are of that."""
    status, replicas = server.get("status") or {}, server["spec"]["replicas"]
    return bool(
        status.get("observedGeneration", 0) >= server["metadata"].get("generation", 0)
        and status.get("readyReplicas", 0) >= replicas
        and status.get("updatedReplicas", 0) >= replicas
    )


def _observe_cron(view: InstanceView) -> ObservedComponent:
    schedule = next((cron for cron in view.schedules if get_label(cron, COMPONENT_LABEL) == Component.CRON), None)
    if schedule is None or schedule["spec"].get("suspend"):
        running = [pod for pod in view.pods if get_label(pod, COMPONENT_LABEL) == Component.CRON and not has_ended(pod)]
        if running:
            return ObservedComponent(phase=ComponentPhase.STARTING, detail=f"its run {get_name(running[0])} is ending")
        return ObservedComponent(phase=ComponentPhase.STOPPED, detail="its schedule is off")
    return ObservedComponent(phase=ComponentPhase.READY, detail="its schedule is on")

"""Apply an instance and what follows from it: runs of a schedule that is off are ended, pods that block their own
replacement are removed. Returns what there is now, with as few questions as possible."""

import dataclasses
import time
from collections.abc import Iterable
from datetime import datetime

from domain.cluster import ClusterSettings
from domain.specs import Component, InstanceSpec, ObservedInstance
from engine.kubernetes.apply import Applied, apply_instance
from engine.kubernetes.autoscaler import do_nodes_come
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.observe import check_identifier, list_kept_claims, read_view
from engine.kubernetes.paths import Reference
from engine.kubernetes.pods import describe_trouble, get_label, get_name, is_ending
from engine.kubernetes.records import parse_namespace
from engine.kubernetes.view import InstanceView, Object, make_observed
from manifests.labels import COMPONENT_LABEL, OURS

REVISION_LABEL = "controller-revision-hash"
# Whoever waits for servers applies twice a second; within this time the same answer is not asked for again. What was
# changed by others meanwhile is noticed: the namespace then bears another digest.
REMEMBERED_SECONDS = 30.0


def apply_and_observe(
    client: ClusterClient, spec: InstanceSpec, settings: ClusterSettings, *, now: datetime, unproven: bool = False
) -> ObservedInstance:
    """Make the instance what `spec` says and return what there is; see engine.kubernetes.apply."""
    identifier = spec.identifier
    check_identifier(identifier)
    digest, applied_at = client.applied.get(identifier, ("", 0.0))
    known = digest if time.monotonic() - applied_at < REMEMBERED_SECONDS else ""
    applied = apply_instance(client, spec, settings, now=now, known=known, unproven=unproven)
    if applied.objects:
        client.applied[identifier] = (applied.digest, time.monotonic())
        view = _make_view(client, identifier, applied)
    else:
        view = read_view(client, identifier)
    if do_nodes_come(client, settings, view.pods, now=now):
        view = dataclasses.replace(view, nodes_come=True)
    end_scheduled_runs(client, view)
    remove_stuck_pods(client, view)
    return make_observed(view, kept_claims=list_kept_claims())


def _make_view(client: ClusterClient, identifier: str, applied: Applied) -> InstanceView:
    objects = applied.objects

    def select(kind: str) -> tuple[Object, ...]:
        return tuple(object_ for object_ in objects if object_["kind"] == kind)

    return InstanceView(
        identifier=identifier,
        namespace=parse_namespace(objects[0]),
        servers=select("StatefulSet"),
        schedules=select("CronJob"),
        pods=() if applied.is_new else tuple(client.list("v1", "Pod", namespace=identifier, selector=OURS)),
        claims=select("PersistentVolumeClaim"),
    )


def end_scheduled_runs(client: ClusterClient, view: InstanceView) -> None:
    """End the cron runs that the schedule started before it was switched off. A nightly backup is let end."""
    for schedule in view.schedules:
        if get_label(schedule, COMPONENT_LABEL) == Component.CRON and schedule["spec"].get("suspend"):
            for run in (schedule.get("status") or {}).get("active") or ():
                reference = Reference("batch/v1", "Job", view.identifier, run["name"])
                client.delete(reference, instance=view.identifier, propagation="Foreground", uid=run.get("uid", ""))


def remove_stuck_pods(client: ClusterClient, view: InstanceView) -> None:
    """Remove the pods that cannot start and are not of the revision asked for: the controller waits for them to become
    ready before it replaces them (kubernetes.io, StatefulSets, "Forced rollback")."""
    for pod in select_stuck_pods(view.servers, view.pods):
        reference = Reference("v1", "Pod", view.identifier, get_name(pod))
        client.delete(reference, instance=view.identifier, uid=pod["metadata"]["uid"])


def select_stuck_pods(servers: Iterable[Object], pods: Iterable[Object]) -> list[Object]:
    """Return the pods that block their replacement."""
    revisions = {}
    for server in servers:
        status = server.get("status") or {}
        if status.get("observedGeneration", 0) >= server["metadata"].get("generation", 0):
            revisions[get_label(server, COMPONENT_LABEL)] = status.get("updateRevision", "")
    return [
        pod
        for pod in pods
        if revisions.get(get_label(pod, COMPONENT_LABEL), "") not in ("", get_label(pod, REVISION_LABEL))
        and get_label(pod, REVISION_LABEL)
        and describe_trouble(pod)
        and not is_ending(pod)
    ]

"""Purge an instance: its whole namespace, or all but the claim with its backups. Nothing is waited for: each call goes
on where the last one stopped, and what is left is then looked at (engine.kubernetes.view).

With the backups kept, their claim and the namespace around it stay, marked once nothing else is left; such a namespace
is no instance any more (`exists` is False, `remains` empty), its sets are still known, and a provisioning uses both.
"""

from engine.kubernetes.client import ClusterClient
from engine.kubernetes.observe import check_identifier, list_kept_claims
from engine.kubernetes.paths import PLURALS, Reference
from engine.kubernetes.pods import get_name
from engine.kubernetes.records import (
    INITIALISED,
    KEPT,
    NamespaceRecord,
    make_namespace_reference,
    read_namespace,
    update_namespace,
)
from manifests.labels import OURS

# Schedules first, so that nothing new starts; then what runs; then the rest. That a claim goes only once no pod mounts
# it is the cluster's own care (its protection finalizer).
ALWAYS = (("batch/v1", "CronJob"), ("batch/v1", "Job"), ("apps/v1", "StatefulSet"), ("v1", "Pod"))
CLAIM = ("v1", "PersistentVolumeClaim")
CONFIG_MAP = ("v1", "ConfigMap")


def delete_instance(client: ClusterClient, identifier: str, *, keep_backups: bool) -> None:
    """Ask for the deletion of the instance. Raise `namespace_foreign` for a namespace that is not ours."""
    check_identifier(identifier)
    client.applied.pop(identifier, None)
    record = read_namespace(client, identifier)
    if record is None:
        return
    client.refuse_foreign(identifier)
    if not keep_backups:
        client.delete(make_namespace_reference(identifier), instance=identifier, propagation="Foreground")
    elif not record.ending and not record.kept:
        _delete_all_but_backups(client, record)


def _delete_all_but_backups(client: ClusterClient, record: NamespaceRecord) -> None:
    identifier = record.name
    # First of all: from here on nothing takes what is left for an instance.
    update_namespace(client, identifier, lambda _record: {INITIALISED: None})
    kinds = list_kinds(record)
    for api_version, kind in kinds:
        for object_ in client.list(api_version, kind, namespace=identifier, selector=OURS):
            client.delete(Reference(api_version, kind, identifier, get_name(object_)), instance=identifier)
    for claim in client.list(*CLAIM, namespace=identifier, selector=OURS):
        if get_name(claim) not in list_kept_claims():
            client.delete(Reference(*CLAIM, identifier, get_name(claim)), instance=identifier)
    if not list_left(client, identifier, kinds):
        update_namespace(client, identifier, lambda _record: {KEPT: "true"})


def list_kinds(record: NamespaceRecord) -> list[tuple[str, str]]:
    """Return (API version, kind) of everything but claims that may be in the namespace: what was applied, what runs
    and schedules make."""
    applied = dict.fromkeys(
        (reference.api_version, reference.kind) for reference in record.objects if reference.kind in PLURALS
    )
    return [kind for kind in dict.fromkeys((*ALWAYS, *applied, CONFIG_MAP)) if kind != CLAIM]


def list_left(client: ClusterClient, identifier: str, kinds: list[tuple[str, str]]) -> list[str]:
    """Return what is still there beside the claims with backups."""
    left = []
    for api_version, kind in (*kinds, CLAIM):
        for object_ in client.list(api_version, kind, namespace=identifier, selector=OURS):
            name = get_name(object_)
            if not (kind == CLAIM[1] and name in list_kept_claims()):
                left.append(f"{kind}/{name}")
    return left

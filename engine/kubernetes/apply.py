"""Make an instance's objects what they should be: server-side apply, one request for each.

Conflicts are shown and never forced; all the rest is applied before they are. What was applied before and is rendered
no longer is pruned, except what holds data. What was applied is remembered on the namespace, so that no list of every
kind is needed to know it.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.cluster import ClusterSettings, TlsBundle
from domain.errors import CiviparoisseError
from domain.specs import InstanceSpec
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.immutable import adopt_storage_class, check_immutable
from engine.kubernetes.namespaces import apply_namespace, check_namespace, take_name
from engine.kubernetes.paths import Reference, make_reference
from engine.kubernetes.records import (
    APPLIED,
    CERTIFICATES,
    INITIALISED,
    KEPT,
    OBJECTS,
    NamespaceRecord,
    format_references,
    list_missing,
    read_namespace,
    update_namespace,
)
from engine.kubernetes.sending import send_objects
from engine.kubernetes.volumes import check_growth
from manifests.instance import make_instance_objects
from manifests.labels import OURS, is_ours
from manifests.tls import list_expiries, make_tls_bundle, parse_tls_secret, renew_tls_bundle

TLS_SECRET = "selfcert"
IMAGE_PULL_TYPE = "kubernetes.io/dockerconfigjson"
# On the namespace, instead of the digest of what was applied, while not all of it is.
UNDER_WAY = "under way"
# What holds data, or what data cannot be read without: never pruned.
KEPT_KINDS = frozenset({"Namespace", "PersistentVolumeClaim"})

Object = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What the cluster answered: the objects as they are now, the namespace first; empty when nothing was sent.
    `digest`: of what was applied. `is_new`: there was nothing before, so that no pod is there yet."""

    digest: str
    objects: tuple[Object, ...]
    is_new: bool = False


def apply_instance(
    client: ClusterClient,
    spec: InstanceSpec,
    settings: ClusterSettings,
    *,
    now: datetime,
    known: str = "",
    unproven: bool = False,
) -> Applied:
    """Apply every object of the instance; servers run only once its initial data was proven, or when `unproven`.

    `known`: the digest that this caller saw applied a moment ago; when it still holds, nothing is sent.

    Raise `namespace_foreign`, `namespace_ending`, `instance_lost`, `volume_shrinks`, `volume_cannot_grow` or
    `field_immutable` before anything is sent.
    """
    identifier = spec.identifier
    record = read_namespace(client, identifier)
    check_namespace(client, identifier, record)
    if record is None and spec.is_made:
        raise CiviparoisseError("instance_lost", instance=identifier, missing=f"namespace {identifier}")
    tls = ensure_tls(client, spec, now=now) if record else make_tls_bundle(identifier, spec.host, now=now)
    present: dict[Reference, Mapping[str, Any]] = {}
    if record is not None:
        present = read_present(client, identifier)
        record = _settle_losses(client, spec, record, present)
    if not unproven and (record is None or not record.initialised):
        spec = dataclasses.replace(spec, components=frozenset())
    objects = make_instance_objects(spec, settings, tls=tls)
    if record is not None:
        objects = [adopt_storage_class(object_, present) for object_ in objects]
        check_immutable(identifier, objects, present)
        check_growth(client, identifier, objects, present)
    digest = compute_digest(objects)
    if record is not None and not record.kept and record.applied == digest == known:
        return Applied(digest=digest, objects=())
    sent = _send(client, identifier, objects, record, tls=tls, digest=digest)
    return Applied(digest=digest, objects=sent, is_new=record is None)


def _settle_losses(
    client: ClusterClient,
    spec: InstanceSpec,
    record: NamespaceRecord,
    present: Mapping[Reference, Object | Mapping[str, Any]],
) -> NamespaceRecord:
    """Raise `instance_lost` when what the data of an instance lay on is gone; where it is to be made anew, its initial
    data is no longer taken for proven. Return the namespace as it then is."""
    missing = list_missing(record, {claim.name for claim in present if claim.kind == "PersistentVolumeClaim"})
    if spec.is_made and (missing or not (record.initialised or record.kept)):
        told = ", ".join(missing) or "its initial data"
        raise CiviparoisseError("instance_lost", instance=spec.identifier, missing=told)
    if missing and record.initialised and not record.kept:
        return update_namespace(client, spec.identifier, lambda _record: {INITIALISED: None}) or record
    return record


def apply_schedules(client: ClusterClient, spec: InstanceSpec, settings: ClusterSettings, *, now: datetime) -> None:
    """Make the instance's schedules what `spec` says, and touch nothing else. The namespace then no longer claims that
    all is applied, so that the next apply sends all of it. Raise as `apply_instance`."""
    identifier = spec.identifier
    record = read_namespace(client, identifier)
    check_namespace(client, identifier, record)
    if record is None or record.kept:
        return
    if not record.initialised:
        spec = dataclasses.replace(spec, components=frozenset())
    objects = make_instance_objects(spec, settings, tls=ensure_tls(client, spec, now=now))
    noted = {CERTIFICATES: record.certificates, OBJECTS: format_references(record.objects), APPLIED: UNDER_WAY}
    client.applied.pop(identifier, None)
    _namespace, foreign = apply_namespace(client, identifier, objects[0], noted)
    schedules = [object_ for object_ in objects if object_["kind"] == "CronJob"]
    _sent, conflict = send_objects(client, identifier, schedules)
    for met in (foreign, conflict):
        if met is not None:
            raise met


def ensure_tls(client: ClusterClient, spec: InstanceSpec, *, now: datetime) -> TlsBundle:
    """Return the instance's certificates: those on the cluster, renewed where they are due; new ones without any."""
    secret = client.get(Reference("v1", "Secret", spec.identifier, TLS_SECRET), instance=spec.identifier)
    bundle = parse_tls_secret(secret.get("data") or {}) if secret else None
    if bundle is None:
        return make_tls_bundle(spec.identifier, spec.host, now=now)
    return renew_tls_bundle(bundle, spec.identifier, spec.host, now=now)


def read_present(client: ClusterClient, identifier: str) -> dict[Reference, Mapping[str, Any]]:
    """Return the objects whose fields cannot all change, as they are."""
    kinds = (("apps/v1", "StatefulSet"), ("v1", "PersistentVolumeClaim"))
    present: dict[Reference, Mapping[str, Any]] = {}
    for api_version, kind in kinds:
        for object_ in client.list(api_version, kind, namespace=identifier, selector=OURS):
            present[Reference(api_version, kind, identifier, object_["metadata"]["name"])] = object_
    return present


def compute_digest(objects: Iterable[Mapping[str, Any]]) -> str:
    """Return a digest of what is rendered. It is shown on the namespace and tells nothing of the secrets in it: they
    are longer than can be guessed."""
    text = json.dumps(list(objects), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _send(
    client: ClusterClient,
    identifier: str,
    objects: list[Object],
    record: NamespaceRecord | None,
    *,
    tls: TlsBundle,
    digest: str,
) -> tuple[Object, ...]:
    """Apply the namespace with all that may be there, then the objects, prune, and note what is there now.

    Killed half-way, the namespace knows of every object that may exist, and does not claim to be complete.
    """
    namespace, *others = objects
    references = tuple(make_reference(object_) for object_ in others)
    before = record.objects if record else ()
    stale = tuple(reference for reference in before if reference not in references)
    expiries = {part: moment.isoformat() for part, moment in list_expiries(tls).items()}
    noted = {CERTIFICATES: json.dumps(expiries), OBJECTS: format_references((*references, *stale))}
    unchanged = record is not None and not stale and record.applied == digest
    noted[APPLIED] = digest if unchanged else UNDER_WAY
    if record is None:
        take_name(client, identifier, namespace)
    first, foreign = apply_namespace(client, identifier, namespace, noted)
    if record is not None and record.kept:
        update_namespace(client, identifier, lambda _record: {KEPT: None})
    sent, conflict = send_objects(client, identifier, others, is_new=record is None)
    conflict = foreign or conflict
    for reference in stale:
        prune(client, identifier, reference)
    if conflict is not None:
        # All the rest is as it should be; that it is complete is not said.
        raise conflict
    if not unchanged:
        final = {**noted, OBJECTS: format_references(references), APPLIED: digest}
        first, _foreign = apply_namespace(client, identifier, namespace, final)
    return (first, *sent)


def prune(client: ClusterClient, identifier: str, reference: Reference) -> bool:
    """Delete one object that is rendered no longer, if it is still ours and holds no data; return whether it did."""
    if reference.kind in KEPT_KINDS:
        return False
    object_ = client.get(reference, instance=identifier)
    if object_ is None or not is_ours(object_):
        return False
    if reference.kind == "Secret" and object_.get("type") != IMAGE_PULL_TYPE:
        return False
    client.delete(reference, instance=identifier, uid=object_["metadata"]["uid"])
    return True

"""Take over a namespace that another manager made, or that lost its mark: its data, its passwords and keys stay.

Never by the way: every other call refuses it (engine.kubernetes.ownership). What is looked at is told to a person, who
types the name; the mark is then written only if the namespace is still the one that was looked at.
"""

import base64
import binascii
import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.cluster import ClusterSettings
from domain.errors import CiviparoisseError
from domain.fleet import Adoptable
from domain.specs import InstanceSpec
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.drift import find_drift
from engine.kubernetes.observe import check_identifier, list_claims
from engine.kubernetes.paths import Reference
from engine.kubernetes.pods import get_name
from engine.kubernetes.records import RECORDER, make_namespace_reference
from manifests.labels import MANAGED_BY_LABEL, MANAGER, MANAGER_LABEL, OURS

# (Secret, key) -> the field of Secrets, as the blueprint's templates write them.
SECRETS = {
    ("secret", "dbsecret"): "db_password",
    ("secret", "dbrootsecret"): "db_root_password",
    ("secret", "drupalAdminUser"): "drupal_admin_user",
    ("secret", "drupalAdminPassword"): "drupal_admin_password",
    ("backupsecret", "manifestKey"): "manifest_key",
}


def look_at_adoptable(
    client: ClusterClient, spec: InstanceSpec, settings: ClusterSettings, *, now: datetime
) -> Adoptable | None:
    """Return what stands in the namespace of the instance's name, None where it holds no instance that is whole:
    without its volumes or its passwords there is nothing to go on with."""
    check_identifier(spec.identifier)
    namespace = client.get(make_namespace_reference(spec.identifier), instance=spec.identifier)
    if namespace is None or namespace["metadata"].get("deletionTimestamp"):
        return None
    claims = client.list("v1", "PersistentVolumeClaim", namespace=spec.identifier, selector=OURS)
    volumes = tuple(sorted(get_name(claim) for claim in claims if get_name(claim) in list_claims()))
    secrets = read_secrets(client, spec.identifier)
    if not volumes or set(secrets) != set(SECRETS.values()):
        return None
    labels = namespace["metadata"].get("labels") or {}
    holder = str(labels.get(MANAGER_LABEL, ""))
    kept = dataclasses.replace(spec, secrets=dataclasses.replace(spec.secrets, **secrets))
    as_theirs = dataclasses.replace(settings, manager=holder)
    changes = find_drift(client, as_theirs, [kept], now=now).get(spec.identifier, ())
    return Adoptable(holder=holder, secrets=secrets, changes=changes, volumes=volumes)


def read_secrets(client: ClusterClient, identifier: str) -> dict[str, str]:
    """Return the passwords and keys of the instance that stands there, by the field of Secrets."""
    found = {}
    for name in dict.fromkeys(secret for secret, _key in SECRETS):
        data = (client.get(Reference("v1", "Secret", identifier, name), instance=identifier) or {}).get("data") or {}
        for (secret, key), field in SECRETS.items():
            if secret == name and (text := _decode(data, key)):
                found[field] = text
    return found


def _decode(data: Mapping[str, Any], key: str) -> str:
    try:
        return base64.b64decode(data.get(key, ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def adopt(client: ClusterClient, identifier: str, *, holder: str) -> None:
    """Write our mark on the namespace, which bears the mark `holder` or ours already. Raise `namespace_foreign` when it
    bears another one, ObjectChanged when somebody changes it at the same moment."""
    reference = make_namespace_reference(identifier)
    namespace = client.get(reference, instance=identifier)
    if namespace is None:
        raise CiviparoisseError("instance_lost", instance=identifier, missing=f"namespace {identifier}")
    metadata = namespace["metadata"]
    labels = metadata.get("labels") or {}
    if labels.get(MANAGER_LABEL, "") not in (holder, client.guard.manager):
        raise CiviparoisseError("namespace_foreign", instance=identifier)
    wanted = {MANAGED_BY_LABEL: MANAGER, MANAGER_LABEL: client.guard.manager}
    if all(labels.get(name) == value for name, value in wanted.items()):
        return
    client.guard.allow(identifier)
    patch = {"metadata": {"labels": wanted, "resourceVersion": metadata["resourceVersion"]}}
    client.applied.pop(identifier, None)
    client.merge(reference, patch, manager=RECORDER, instance=identifier)

"""Looks at one instance: a fixed number of lists in its namespace, whatever is in it."""

import dataclasses
import functools
import re

from domain.errors import InvalidValue
from domain.specs import ObservedInstance
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.records import read_namespace
from engine.kubernetes.view import InstanceView, Object, make_observed
from manifests.blueprints import list_blueprints, load_blueprint
from manifests.labels import OURS
from manifests.names import LABEL, LABEL_LENGTH

BACKUPS = "backups"
IDENTIFIER = re.compile(LABEL.pattern)


def check_identifier(identifier: str) -> None:
    """Raise InvalidValue for what is not an RFC 1123 label: it becomes part of paths."""
    if len(identifier) > LABEL_LENGTH or not IDENTIFIER.fullmatch(identifier):
        raise InvalidValue(field="identifier", reason=f"{identifier!r}")


@functools.cache
def list_claims() -> frozenset[str]:
    """Return the names of the claims of every kind of instance."""
    blueprints = [load_blueprint(name) for name in list_blueprints()]
    return frozenset(volume.claim for blueprint in blueprints for volume in blueprint.volumes.values())


@functools.cache
def list_kept_claims() -> frozenset[str]:
    """Return the names of the claims with backups."""
    blueprints = [load_blueprint(name) for name in list_blueprints()]
    return frozenset(blueprint.volumes[BACKUPS].claim for blueprint in blueprints if BACKUPS in blueprint.volumes)


def read_view(client: ClusterClient, identifier: str) -> InstanceView:
    """Read everything of one instance: its namespace and four lists in it; the cluster's volumes only where the
    namespace is gone or going, since they then outlive it. A namespace of another manager's is none of ours."""
    record = read_namespace(client, identifier)
    if record is not None and not record.is_of(client.guard.manager):
        return InstanceView(identifier=identifier, namespace=dataclasses.replace(record, ours=False))
    volumes: tuple[Object, ...] = ()
    if record is None or record.kept or record.ending:
        volumes = list_own_volumes(client, identifier)
    if record is None:
        return InstanceView(identifier=identifier, namespace=None, volumes=volumes)

    def read(api_version: str, kind: str) -> tuple[Object, ...]:
        return tuple(client.list(api_version, kind, namespace=identifier, selector=OURS))

    return InstanceView(
        identifier=identifier,
        namespace=record,
        servers=read("apps/v1", "StatefulSet"),
        schedules=read("batch/v1", "CronJob"),
        pods=read("v1", "Pod"),
        claims=read("v1", "PersistentVolumeClaim"),
        volumes=volumes,
    )


def list_own_volumes(client: ClusterClient, identifier: str) -> tuple[Object, ...]:
    """Return the volumes whose claim is or was the instance's. They bear no label of ours: a claim's name does."""
    return tuple(volume for volume in client.list("v1", "PersistentVolume") if find_owner(volume) == identifier)


def find_owner(volume: Object) -> str | None:
    """Return the namespace of a volume's claim when the claim has a name of ours, else None."""
    claim = volume["spec"].get("claimRef") or {}
    return claim.get("namespace") if claim.get("name") in list_claims() else None


def observe_instance(client: ClusterClient, identifier: str) -> ObservedInstance:
    """Return what there is of one instance. Raise InvalidValue for a name that cannot be one."""
    check_identifier(identifier)
    return make_observed(read_view(client, identifier), kept_claims=list_kept_claims())

"""Send an instance's objects: those that nothing waits for at the same time, and on past a field of somebody else's."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from domain.errors import CiviparoisseError, ClusterConflict
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.errors import ObjectMissing
from engine.kubernetes.paths import Reference, make_reference

Object = dict[str, Any]

# What must be there before the rest where something is there already: a quota of before, which would refuse it; then
# all that pods read; then what makes pods.
FIRST = frozenset({"ResourceQuota", "LimitRange"})
LAST = frozenset({"StatefulSet", "Deployment", "CronJob", "Job"})
THREADS = 8


def send_objects(
    client: ClusterClient, identifier: str, objects: Sequence[Object], *, is_new: bool = False
) -> tuple[list[Object], ClusterConflict | None]:
    """Apply the objects; return what is there, in their order, and the first conflict that was met. What somebody else
    owns is left as it is and stops nothing else. `is_new`: nothing was there before. Raise the first other error once
    its wave is over."""
    answers: dict[Reference, Object] = {}
    conflict: ClusterConflict | None = None
    with ThreadPoolExecutor(THREADS) as pool:
        for wave in make_waves(objects, is_new=is_new):
            for reference, answer in pool.map(lambda sent: _send(client, identifier, sent), wave):
                if isinstance(answer, ClusterConflict):
                    conflict = conflict or answer
                    answer = client.get(reference, instance=identifier)
                if isinstance(answer, CiviparoisseError):
                    raise answer
                if answer is not None:
                    answers[reference] = answer
    references = [make_reference(object_) for object_ in objects]
    return [answers[reference] for reference in references if reference in answers], conflict


def make_waves(objects: Sequence[Object], *, is_new: bool = False) -> list[list[Object]]:
    """Return the objects in the order in which they are sent; those of one wave at the same time. Pure."""
    waves: list[list[Object]] = [[], [], []]
    for object_ in objects:
        before = object_["kind"] in FIRST and not is_new
        waves[0 if before else 2 if object_["kind"] in LAST else 1].append(object_)
    return [wave for wave in waves if wave]


def _send(
    client: ClusterClient, identifier: str, object_: Object
) -> tuple[Reference, Object | CiviparoisseError | None]:
    """Return what is there after one request, or the error that it met."""
    reference = make_reference(object_)
    try:
        return reference, apply_one(client, identifier, object_, reference)
    except CiviparoisseError as error:
        return reference, error


def apply_one(client: ClusterClient, identifier: str, object_: Object, reference: Reference) -> Object:
    """Apply one object. Raise `cluster_api_missing` for a kind that the cluster does not have."""
    try:
        return client.apply(object_, reference, instance=identifier)
    except ObjectMissing as error:
        # An object that is missing would have been created: it is the kind that is not there.
        raise CiviparoisseError(
            "cluster_api_missing", instance=identifier, kind=reference.kind, api=reference.api_version
        ) from error

"""What one run alone is given: a Secret of its Job, which goes with it, and at the latest when the run has ended."""

import base64
from typing import Any

from engine.kubernetes.client import ClusterClient
from engine.kubernetes.paths import Reference
from engine.kubernetes.run_context import RunContext
from manifests.instance import finish_object


def make_given_reference(identifier: str, key: str) -> Reference:
    """Return the reference of the Secret of a run: its Job's name."""
    return Reference("v1", "Secret", identifier, key)


def give(context: RunContext, *, uid: str) -> None:
    """Have in the namespace what the run alone may read; its pod waits for it. `uid`: of the Job that owns it, so that
    the cluster removes both together."""
    if not context.job.secrets or not uid:
        return
    reference = make_given_reference(context.identifier, context.key)
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": context.key, "uid": uid}
    object_: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": reference.name, "namespace": context.identifier, "ownerReferences": [owner]},
        "type": "Opaque",
        "data": {name: base64.b64encode(text.encode()).decode() for name, text in context.job.secrets.items()},
    }
    finish_object(object_, context.identifier)
    context.client.apply(object_, reference, instance=context.identifier)


def take_back(client: ClusterClient, identifier: str, key: str) -> None:
    """Remove what a run that has ended was given; one that was given nothing is left alone."""
    client.delete(make_given_reference(identifier, key), instance=identifier)

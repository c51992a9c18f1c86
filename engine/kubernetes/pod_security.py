"""Proves that instances' pods may run: some clusters enforce Pod Security's "restricted", which UEPAL's images are not.

Asked by a namespace that is made for trial alone (dryRun: nothing is stored), so that whatever the cluster has against
it or changes on it shows: labels forced by a policy, a refusal. Namespaces that are there already are read beside it.
"""

from collections.abc import Iterator
from typing import Any

from domain.findings import Finding, Level
from engine.kubernetes.questions import Ask, get_document
from manifests.labels import MANAGED_BY_LABEL, MANAGER, OURS, POD_SECURITY_LABEL

BASELINE = "baseline"
TRIAL = "/api/v1/namespaces?dryRun=All"
NAMED_NAMESPACES = 5
DETAIL_LENGTH = 300
# What the API refuses because of a policy: 403 by admission, 422 as invalid, 400 by some webhooks.
FORBIDDEN = 403
# Of the role, not of a policy (k8s.io/apiserver, responsewriters).
NOT_ALLOWED = "cannot create resource"
REFUSALS = frozenset({400, 403, 422})


def check_pod_security(ask: Ask) -> Iterator[Finding]:
    """Yield whether a namespace as instances have it keeps the level that their pods need, and those that do not."""
    trial = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "generateName": "civiparoisse-trial-",
            "labels": {MANAGED_BY_LABEL: MANAGER, POD_SECURITY_LABEL: BASELINE},
        },
    }
    status, answer = ask("POST", TRIAL, trial)
    namespaces = get_document(ask, "/api/v1/namespaces", "Namespace", labelSelector=OURS).get("items", [])
    changed = sorted(_get_name(one) for one in namespaces if _read_level(one) == "restricted")
    detail = str(answer.get("message") or status)[:DETAIL_LENGTH]
    if status == FORBIDDEN and NOT_ALLOWED in detail:
        return  # that the account may not make namespaces is told with its permissions
    if status in REFUSALS:
        yield Finding(code="namespace_refused", level=Level.CRITICAL, params={"detail": detail})
    elif status < 400 and _read_level(answer) != BASELINE:
        level = _read_level(answer) or "-"
        yield Finding(code="pod_security_forced", level=Level.CRITICAL, params={"level": level})
    elif status >= 400:
        yield Finding(code="look_refused", level=Level.WARNING, params={"what": "Namespace", "status": status})
    elif not changed:
        yield Finding(code="pod_security_baseline", level=Level.OK, params={"level": BASELINE})
    if changed:
        shown = ", ".join(changed[:NAMED_NAMESPACES]) + (", …" if len(changed) > NAMED_NAMESPACES else "")
        params = {"count": len(changed), "names": shown, "first": changed[0]}
        yield Finding(code="pod_security_restricted", level=Level.CRITICAL, params=params)


def _read_level(namespace: dict[str, Any]) -> str | None:
    """Return the level that a namespace enforces, None when it does not say."""
    level = (namespace.get("metadata") or {}).get("labels", {}).get(POD_SECURITY_LABEL)
    return None if level is None else str(level)


def _get_name(namespace: dict[str, Any]) -> str:
    return str(namespace["metadata"]["name"])

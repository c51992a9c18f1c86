"""Each thing that a cluster lacks is one finding with its level; what it has is said too."""

from collections.abc import Mapping
from typing import Any

import pytest

from domain.cluster import ClusterSettings
from domain.finding_texts import render_finding
from domain.findings import Finding, Level, find_worst
from engine.kubernetes.check import list_findings
from engine.kubernetes.permissions import read_permissions
from tests.clusters.api_server import REVIEW, make_answers, name_object

CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
DAEMONSETS = "/apis/apps/v1/daemonsets"


def look(
    answers: dict[str, Any],
    *,
    settings: ClusterSettings | None = None,
    denied: tuple[str, ...] = (),
    administrator: bool = False,
    trial: dict[str, Any] | None = None,
    trial_status: int = 403,
) -> dict[str, Finding]:
    """Return the findings by code about a cluster that answers `answers`; a number is an HTTP status.
    `trial`: what answers a namespace made for trial."""

    def ask(method: str, path: str, content: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        if path == REVIEW:
            attributes = content["spec"]["resourceAttributes"]
            allowed = attributes["resource"] not in denied and (attributes["resource"] != "*" or administrator)
            return 201, {"status": {"allowed": allowed}}
        if method == "POST" and trial is not None:
            return trial_status, trial
        known = answers.get(path.partition("?")[0], 404)
        return (known, {}) if isinstance(known, int) else (200, known)

    found = list_findings(ask, settings or ClusterSettings(), read_permissions())
    assert len({finding.code for finding in found}) == len(found)
    for finding in found:
        message, hint = render_finding(finding.code, finding.params)
        assert "?" not in message.replace("…", "") and "%(" not in message + hint
        assert bool(hint) or finding.level is Level.OK
    return {finding.code: finding for finding in found}


def test_a_whole_cluster_is_in_order() -> None:
    found = look(make_answers())
    assert find_worst(finding.level for finding in found.values()) is Level.OK
    assert list(found) == [
        "api_answers",
        "version_supported",
        "permissions_complete",
        "storage_class_found",
        "storage_purges",
        "storage_expands",
        "storage_binds_late",
        "ingress_served",
        "controller_found",
        "pod_security_baseline",
        "metrics_served",
        "policies_enforced",
    ]
    assert found["storage_class_found"].params["name"] == "fast"


@pytest.mark.parametrize(
    ("path", "answer", "code", "level"),
    [
        ("/version", 401, "api_refused", Level.CRITICAL),
        ("/version", {"major": "1", "minor": "28", "gitVersion": "v1.28.9"}, "version_old", Level.CRITICAL),
        ("/version", {"gitVersion": "v0.0.0-master"}, "version_unknown", Level.WARNING),
        (CLASSES, {"items": []}, "storage_default_missing", Level.CRITICAL),
        (CLASSES, 403, "look_refused", Level.WARNING),
        ("/apis/traefik.io/v1alpha1", 404, "ingress_not_served", Level.CRITICAL),
        ("/apis/traefik.io/v1alpha1", {"resources": [{"name": "ingressroutes"}]}, "ingress_not_served", Level.CRITICAL),
        ("/api/v1/namespaces/traefik/pods", {"items": []}, "controller_missing", Level.WARNING),
        ("/apis/metrics.k8s.io/v1beta1", 404, "metrics_missing", Level.WARNING),
        ("/apis/metrics.k8s.io/v1beta1", 503, "look_refused", Level.WARNING),
        (DAEMONSETS, {"items": [name_object("kube-flannel-ds")]}, "policies_ignored", Level.WARNING),
        (DAEMONSETS, {"items": [name_object("kube-proxy")]}, "policies_unknown", Level.WARNING),
        (DAEMONSETS, {"items": [name_object("kube-flannel-ds"), name_object("canal")]}, "policies_enforced", Level.OK),
    ],
)
def test_what_is_missing_is_told(path: str, answer: Any, code: str, level: Level) -> None:
    found = look({**make_answers(), path: answer})
    assert found[code].level is level


def test_a_class_that_keeps_volumes_is_a_warning() -> None:
    found = look(make_answers(), settings=ClusterSettings(storage_class="kept"))
    assert found["storage_retains"].level is Level.WARNING and found["storage_fixed"].level is Level.WARNING
    assert found["storage_binds_early"].params == {"mode": "Immediate"}


def test_a_class_that_is_not_there_is_named_with_those_that_are() -> None:
    found = look(make_answers(), settings=ClusterSettings(storage_class="other"))
    assert found["storage_class_missing"].params == {"name": "other", "others": "fast, kept"}


def test_missing_permissions_are_counted_and_the_first_named() -> None:
    found = look(make_answers(), denied=("secrets", "persistentvolumes", "nodes"))
    missing = found["permissions_missing"]
    assert missing.level is Level.CRITICAL and "patch secrets" in missing.params["missing"]
    assert "permissions_complete" not in found
    every = look(make_answers(), denied=tuple({one.resource for one in read_permissions()}))["permissions_missing"]
    assert every.params["missing"].endswith(", …")


def test_early_binding_over_several_zones_can_never_start() -> None:
    def look_with(*zones: str, **changes: Any) -> dict[str, Finding]:
        answers = make_answers()
        for storage_class in answers[CLASSES]["items"]:
            storage_class.update({"volumeBindingMode": "Immediate", **changes})
        label = "topology.kubernetes.io/zone"
        answers["/api/v1/nodes"] = {"items": [{"metadata": {"name": z, "labels": {label: z}}} for z in zones]}
        return look(answers)

    assert look_with("a", "b")["storage_binds_apart"].level is Level.CRITICAL
    assert look_with("a", "a")["storage_binds_early"].level is Level.OK
    one_zone = [{"matchLabelExpressions": [{"key": "topology.kubernetes.io/zone", "values": ["a"]}]}]
    assert "storage_binds_apart" not in look_with("a", "b", allowedTopologies=one_zone)


def test_an_administrator_s_account_is_a_warning_although_nothing_is_missing() -> None:
    found = look(make_answers(), administrator=True)
    assert found["permissions_too_many"].level is Level.WARNING and "permissions_complete" in found
    assert "permissions_too_many" not in look(make_answers())

"""A cluster that would refuse instances' pods says so before the first one is provisioned."""

from typing import Any

import pytest

from domain.findings import Level
from manifests.labels import POD_SECURITY_LABEL
from tests.clusters.api_server import make_answers, name_object
from tests.engine.kubernetes.test_check import look

PATH = "/api/v1/namespaces"
BASELINE = {"labels": {POD_SECURITY_LABEL: "baseline"}}


def answer_with(*, trial: Any = None, items: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return the answers of a cluster whose namespaces are `items`, and on which a trial comes back as `trial`."""
    return {**make_answers(), PATH: {"items": items or [], "metadata": trial or BASELINE}}


def test_a_namespace_that_keeps_its_level_is_in_order() -> None:
    assert look(answer_with())["pod_security_baseline"].level is Level.OK


@pytest.mark.parametrize(("labels", "level"), [({POD_SECURITY_LABEL: "restricted"}, "restricted"), ({}, "-")])
def test_a_level_that_the_cluster_forces_is_told(labels: dict[str, str], level: str) -> None:
    found = look(answer_with(trial={"labels": labels}))["pod_security_forced"]
    assert (found.level, found.params) == (Level.CRITICAL, {"level": level})


def test_instances_that_somebody_restricted_are_named_some_at_most() -> None:
    items = [name_object(f"parish-{number}", labels={POD_SECURITY_LABEL: "restricted"}) for number in range(7)]
    items.append(name_object("saint-paul", labels=BASELINE["labels"]))
    found = look(answer_with(items=items))
    params = found["pod_security_restricted"].params
    assert (params["count"], params["first"]) == (7, "parish-0")
    assert params["names"].endswith("parish-4, …") and "saint-paul" not in params["names"]
    assert "pod_security_baseline" not in found


@pytest.mark.parametrize("status", [400, 403, 422])
def test_a_refusal_by_a_policy_is_told_with_its_words(status: int) -> None:
    found = look(answer_with(), trial={"message": "denied: only restricted"}, trial_status=status)
    assert found["namespace_refused"].params == {"detail": "denied: only restricted"}


def test_a_right_that_is_missing_is_told_with_the_permissions_only() -> None:
    message = 'namespaces is forbidden: User "x" cannot create resource "namespaces" in API group ""'
    found = look(answer_with(), trial={"message": message}, trial_status=403)
    assert not [code for code in found if code.startswith(("namespace_", "pod_security_"))]


def test_a_server_in_trouble_is_no_verdict() -> None:
    found = look(answer_with(), trial={}, trial_status=500)
    assert "look_refused" in found and "pod_security_baseline" not in found

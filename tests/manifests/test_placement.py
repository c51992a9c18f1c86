"""Every pod of an instance wants the node of its instance, and nothing else could keep it waiting."""

import pytest

from manifests.labels import INSTANCE_LABEL
from manifests.placement import make_affinity
from manifests.workloads import find_pod_template
from tests.manifests.cases import make_case_objects, make_cases, make_job_objects


@pytest.mark.parametrize("name", sorted(make_cases()))
def test_every_pod_requires_a_node_by_a_rule_that_it_matches_itself(name: str) -> None:
    for object_ in [*make_case_objects(name), *make_job_objects()]:
        template = find_pod_template(object_)
        if template is None:
            continue
        (rule,) = template["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert rule["topologyKey"] == "kubernetes.io/hostname" and "namespaceSelector" not in rule
        assert rule["labelSelector"]["matchLabels"].items() <= template["metadata"]["labels"].items()


def test_instances_are_spread_by_preference_only() -> None:
    apart = make_affinity("saint-paul", spread=True)["podAntiAffinity"]
    assert list(apart) == ["preferredDuringSchedulingIgnoredDuringExecution"]
    assert "podAntiAffinity" not in make_affinity("saint-paul", spread=False)


def test_two_instances_do_not_attract_each_other() -> None:
    def rule(identifier: str) -> str:
        affinity = make_affinity(identifier, spread=True)["podAffinity"]
        (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]
        return str(term["labelSelector"]["matchLabels"][INSTANCE_LABEL])

    assert rule("saint-paul") != rule("saint-paul-sandbox")

"""A cluster's form: every fault beside its field, secrets kept unless they are replaced or forgotten."""

from typing import Any

import pytest

from clusters.models import Cluster
from console.clusters.forms import ClusterForm, SettingsField
from tests.clusters.samples import make_cluster_row, make_kubeconfig

pytestmark = pytest.mark.django_db
PULL = '{"auths": {"registry": {"auth": "hunter2"}}}'


def _fill(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"name": "metz", "ingress_kind": "none", "repair_policy": "report", "repair_at_most": 3}
    return {**values, "deletion_grace_hours": 1, "ingress_namespace": "traefik", "gateway_name": "g", **changes}


def test_what_is_left_empty_is_kept_and_what_is_forgotten_goes() -> None:
    cluster = make_cluster_row(image_pull_config=PULL)
    form = ClusterForm(_fill(gateway_namespace="gateway"), instance=cluster)
    assert form.is_valid(), form.errors
    kept = form.save()
    assert (kept.name, kept.kubeconfig, kept.image_pull_config) == ("strasbourg", make_kubeconfig(), PULL)
    forget = {"forget_kubeconfig": "on", "forget_image_pull_config": "on"}
    form = ClusterForm(_fill(gateway_namespace="gateway", **forget), instance=Cluster.objects.get())
    assert form.is_valid()
    forgotten = form.save()
    assert (forgotten.kubeconfig, forgotten.image_pull_config) == ("", "")


def test_a_new_kubeconfig_replaces_the_present_one() -> None:
    cluster = make_cluster_row()
    other = make_kubeconfig(user={"token": "another"})
    form = ClusterForm(_fill(gateway_namespace="g", kubeconfig=other), instance=cluster)
    assert form.is_valid() and form.save().kubeconfig == other


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "local"),
        ("name", "Metz"),
        ("kubeconfig", "token: secret"),
        ("image_pull_config", "{"),
        ("storage_class", "a/b"),
        ("domain", "localhost"),
        ("deletion_grace_hours", -1),
        ("repair_at_most", 0),
        ("settings", "{"),
        ("settings", "[]"),
        ("settings", '{"dns_cidrs": [], "dns_cidrs": []}'),
        ("settings", '{"colour": "blue"}'),
        ("settings", '{"dns_cidrs": ["everywhere"]}'),
    ],
)
def test_a_fault_stands_beside_its_field(field: str, value: object) -> None:
    form = ClusterForm(_fill(gateway_namespace="g", **{field: value}))
    assert not form.is_valid() and list(form.errors) == [field]
    assert "secret" not in str(form.errors[field])


def test_settings_are_shown_on_several_lines_and_compared_as_values() -> None:
    field = SettingsField(required=False)
    assert field.prepare_value({"a": [1]}) == '{\n  "a": [\n    1\n  ]\n}' and field.prepare_value("{") == "{"
    assert not field.has_changed({"a": 1}, '{ "a": 1 }') and field.has_changed({}, '{"a": 1}')
    assert field.has_changed({}, "{") and field.clean("") == {}

"""An adoption tells what there is before it changes anything, keeps passwords, and takes only what was looked at."""

import dataclasses
from typing import Any

import pytest

from domain.cluster import ClusterSettings
from domain.errors import CiviparoisseError
from engine.kubernetes.client import Connection
from engine.kubernetes.engine import KubernetesEngine
from manifests.labels import MANAGED_BY_LABEL, MANAGER_LABEL
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import NAMESPACE, make_namespace, provision

THEIRS = make_spec(NAMESPACE)
OURS = make_spec(
    NAMESPACE, secrets=dataclasses.replace(THEIRS.secrets, db_password="ours-1", manifest_key="ours-2" * 6)
)


def make_engine(api: FakeApi, settings: ClusterSettings, manager: str) -> KubernetesEngine:
    own = dataclasses.replace(settings, manager=manager)
    return KubernetesEngine("cluster-1", connection=Connection(kubeconfig=api.kubeconfig), settings=own)


@pytest.fixture
def ours(api: FakeApi, settings: ClusterSettings) -> KubernetesEngine:
    """Us, on a cluster where they made Saint-Paul."""
    provision(api, make_engine(api, settings, "them"))
    return make_engine(api, settings, "us")


def get_labels(api: FakeApi) -> dict[str, Any]:
    labels: dict[str, Any] = api.get("Namespace", NAMESPACE)["metadata"]["labels"]
    return labels


def test_a_look_tells_whose_it_is_and_what_stays_and_changes_nothing(api: FakeApi, ours: KubernetesEngine) -> None:
    api.calls.clear()
    found = ours.look_at_adoptable(OURS)
    assert found is not None and found.holder == "them" and "dbvolclaim" in found.volumes
    assert found.secrets["db_password"] == THEIRS.secrets.db_password
    assert found.secrets["manifest_key"] == THEIRS.secrets.manifest_key
    assert THEIRS.secrets.db_password not in repr(found)
    assert {method for method, _path in api.calls} == {"GET"}
    other = dataclasses.replace(OURS, host="www.elsewhere.example.org")
    looked = ours.look_at_adoptable(other)
    assert looked is not None and any("elsewhere" in (change.wanted or "") for change in looked.changes)
    assert not any("Secret/secret" in change.object for change in looked.changes), "its passwords stay"


@pytest.mark.parametrize("mark", ["them", "", None])
def test_what_was_adopted_is_ours_with_its_own_passwords(
    api: FakeApi, ours: KubernetesEngine, mark: str | None
) -> None:
    labels = get_labels(api)
    if mark is None:
        del labels[MANAGER_LABEL], labels[MANAGED_BY_LABEL]
    else:
        labels[MANAGER_LABEL] = mark
    found = ours.look_at_adoptable(OURS)
    assert found is not None and found.holder == (mark or "")
    ours.adopt(NAMESPACE, holder=found.holder)
    ours.adopt(NAMESPACE, holder=found.holder)
    assert get_labels(api)[MANAGER_LABEL] == "us"
    kept = dataclasses.replace(OURS, secrets=dataclasses.replace(OURS.secrets, **found.secrets))
    before = api.get("Secret", "secret", NAMESPACE)["data"]
    assert ours.apply(kept).manager == "us" and api.get("Secret", "secret", NAMESPACE)["data"] == before


def test_what_became_somebody_else_s_meanwhile_is_not_taken(api: FakeApi, ours: KubernetesEngine) -> None:
    get_labels(api)[MANAGER_LABEL] = "third"
    with pytest.raises(CiviparoisseError) as refused:
        ours.adopt(NAMESPACE, holder="them")
    assert refused.value.code == "namespace_foreign" and get_labels(api)[MANAGER_LABEL] == "third"


def test_an_empty_namespace_and_none_are_nothing_to_adopt(api: FakeApi, settings: ClusterSettings) -> None:
    engine = make_engine(api, settings, "us")
    assert engine.look_at_adoptable(OURS) is None
    api.put(make_namespace(manager="them"))
    assert engine.look_at_adoptable(OURS) is None
    with pytest.raises(CiviparoisseError) as refused:
        engine.apply(OURS)
    assert refused.value.code == "namespace_foreign"

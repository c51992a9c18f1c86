"""Options of an instance become features, and every feature is one that blueprints may name."""

import pytest

from domain.cluster import ClusterSettings, IngressKind
from domain.specs import InstanceKind
from manifests.features import FEATURES, compute_features
from tests.builders import make_site
from tests.manifests.cases import make_case_spec, make_cases


@pytest.mark.parametrize("kind", list(IngressKind))
def test_one_kind_leads_to_the_page_or_none(kind: IngressKind) -> None:
    features = compute_features(make_case_spec(), ClusterSettings(ingress_kind=kind))
    assert f"ingress-{kind.value}" in features
    assert ("ingress" in features) is (kind is not IngressKind.NONE)


def test_nobody_comes_to_a_verification() -> None:
    spec = make_case_spec(kind=InstanceKind.VERIFICATION)
    for kind in IngressKind:
        features = compute_features(spec, ClusterSettings(ingress_kind=kind))
        assert "ingress" not in features and "ingress-none" in features


def test_mail_needs_a_server_and_leave() -> None:
    cluster = ClusterSettings()
    assert "mail" in compute_features(make_case_spec(), cluster)
    assert "mail" not in compute_features(make_case_spec(mail_enabled=False), cluster)
    assert "mail" not in compute_features(make_case_spec(site=make_site("saint-paul")), cluster)


def test_every_feature_is_known() -> None:
    for spec, cluster in make_cases().values():
        assert compute_features(spec, cluster) <= FEATURES

"""A token is renewed in the second half of its life, by the account itself, and never over a newer one."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from clusters.inspection import judge_account
from clusters.kubeconfig import read_kubeconfig
from clusters.models import Cluster
from clusters.renewal import renew_token, replace_token
from tests.clusters import api_server
from tests.clusters.api_server import ApiServer
from tests.clusters.samples import make_cluster_row, make_kubeconfig

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
ACCOUNT = "/api/v1/namespaces/civiparoisse-manager/serviceaccounts/civiparoisse-manager/token"
SUBJECT = "system:serviceaccount:civiparoisse-manager:civiparoisse-manager"


def make_token(*, age_days: float, life_days: float = 30, subject: str = SUBJECT) -> str:
    issued = NOW - timedelta(days=age_days)
    claims = {"iat": int(issued.timestamp()), "exp": int((issued + timedelta(days=life_days)).timestamp())}
    content = base64.urlsafe_b64encode(json.dumps({**claims, "sub": subject}).encode()).decode().rstrip("=")
    return f"e30.{content}.c2ln"


def make_row(api: ApiServer, monkeypatch: pytest.MonkeyPatch, token: str) -> Cluster:
    monkeypatch.setattr(api_server, "TOKEN", token)
    return make_cluster_row(kubeconfig=api.make_kubeconfig(token=token))


def test_half_a_life_is_enough_and_the_new_token_is_used_from_then_on(
    cluster_api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = make_token(age_days=0)
    cluster_api.answers[ACCOUNT] = {"status": {"token": new}}
    row = make_row(cluster_api, monkeypatch, make_token(age_days=16))
    assert judge_account(row, now=NOW)[0].code == "account_expires"
    assert renew_token(row, now=NOW)
    assert f"POST {ACCOUNT}" in cluster_api.asked
    kept = Cluster.objects.get()
    assert read_kubeconfig(kept.kubeconfig).expires_at == NOW + timedelta(days=30)
    assert judge_account(kept, now=NOW)[0].code == "account_lasts"


@pytest.mark.parametrize(
    "token",
    [
        make_token(age_days=14),
        make_token(age_days=31),
        make_token(age_days=16, subject="jeanne"),
        "opaque",
    ],
)
def test_a_young_one_an_expired_one_and_a_person_s_are_left(
    cluster_api: ApiServer, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    row = make_row(cluster_api, monkeypatch, token)
    assert not renew_token(row, now=NOW) and cluster_api.asked == []


@pytest.mark.parametrize("status", [403, 404])
def test_where_the_account_may_not_the_check_tells(
    cluster_api: ApiServer, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    cluster_api.answers[ACCOUNT] = status
    row = make_row(cluster_api, monkeypatch, make_token(age_days=16))
    before = row.kubeconfig
    assert not renew_token(row, now=NOW) and Cluster.objects.get().kubeconfig == before
    assert judge_account(row, now=NOW)[0].code == "account_expires"


def test_a_kubeconfig_that_a_person_replaced_meanwhile_stays(
    cluster_api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster_api.answers[ACCOUNT] = {"status": {"token": make_token(age_days=0)}}
    row = make_row(cluster_api, monkeypatch, make_token(age_days=16))
    other = make_kubeconfig(user={"token": "a-person-s"})
    changed = Cluster.objects.get()
    changed.kubeconfig = other
    changed.save()
    assert not renew_token(row, now=NOW) and Cluster.objects.get().kubeconfig == other


def test_only_the_token_is_replaced() -> None:
    before, after = make_kubeconfig(), replace_token(make_kubeconfig(), "new")
    assert read_kubeconfig(after).server == read_kubeconfig(before).server and "new" in after
    assert "a-secret-token" not in after

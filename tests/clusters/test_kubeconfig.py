"""A kubeconfig stands alone, verifies its server, and is never quoted."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from clusters.kubeconfig import LIMIT_BYTES, parse_kubeconfig, read_kubeconfig
from domain.errors import InvalidValue
from manifests.tls import make_tls_bundle
from tests.clusters.samples import SECRET, make_kubeconfig

CERTIFICATE = {"client-certificate-data": "YQ==", "client-key-data": "Yg=="}
ALIASES = "a: &a [x]\nb: [*a, *a]\n"


def _change(**changes: Any) -> str:
    return yaml.safe_dump({**yaml.safe_load(make_kubeconfig()), **changes})


def test_a_token_or_a_certificate_will_do() -> None:
    with_token = read_kubeconfig(make_kubeconfig())
    assert (with_token.server, with_token.account) == ("https://cluster.example.org:6443", "token")
    assert read_kubeconfig(make_kubeconfig(user=CERTIFICATE)).account == "certificate"
    assert SECRET not in repr(with_token)


def test_it_is_kept_as_it_is_and_may_be_empty() -> None:
    text = make_kubeconfig()
    assert parse_kubeconfig("kubeconfig", text) == text
    assert parse_kubeconfig("kubeconfig", " \n") == ""


@pytest.mark.parametrize(
    "text",
    [
        "not: [yaml",
        "- a",
        "just text",
        ALIASES,
        "#" * (LIMIT_BYTES + 1),
        "[" * LIMIT_BYTES,
        "a: " * 20000,
        _change(kind="Secret"),
        _change(**{"current-context": "other"}),
        _change(**{"current-context": None}),
        _change(clusters=[]),
        _change(users="none"),
        make_kubeconfig(user={"exec": {"command": "sh"}, "token": SECRET}),
        make_kubeconfig(user={"auth-provider": {"name": "gcp"}, "token": SECRET}),
        make_kubeconfig(user={"tokenFile": "/etc/shadow"}),
        make_kubeconfig(user={"client-certificate": "/a", "client-key": "/b"}),
        make_kubeconfig(user={"username": "admin", "password": SECRET}),
        make_kubeconfig(user={"client-certificate-data": "YQ=="}),
        make_kubeconfig(**{"certificate-authority": "/etc/passwd"}),
        make_kubeconfig(**{"insecure-skip-tls-verify": True}),
        make_kubeconfig(**{"proxy-url": "http://elsewhere.example.org"}),
        make_kubeconfig(user={"token": SECRET, "as": "somebody"}),
        make_kubeconfig(server="http://cluster.example.org"),
        make_kubeconfig(server=f"https://admin:{SECRET}@cluster.example.org"),
    ],
)
def test_what_needs_anything_else_is_refused_and_never_quoted(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_kubeconfig("kubeconfig", text)
    error = refused.value
    assert error.params["field"] == "kubeconfig"
    assert SECRET not in f"{error.params}{error.__cause__}{error.__context__ if not error.__suppress_context__ else ''}"


def test_a_number_is_no_kubeconfig() -> None:
    with pytest.raises(InvalidValue):
        parse_kubeconfig("kubeconfig", 3)


def test_the_account_s_expiry_is_read() -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 1790000000}).encode()).decode().rstrip("=")
    token = read_kubeconfig(make_kubeconfig(user={"token": f"e30.{claims}.c2ln"}))
    assert token.expires_at == datetime.fromtimestamp(1790000000, UTC)
    now = datetime.now(UTC)
    pem = make_tls_bundle("x", "x.example.org", now=now).httpd_certificate
    user = {"client-certificate-data": base64.b64encode(pem.encode()).decode(), "client-key-data": "Yg=="}
    certificate = read_kubeconfig(make_kubeconfig(user=user)).expires_at
    assert certificate is not None and certificate > now + timedelta(days=360)


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "a.e30.c", "e30.W10.x", "a." + "W" * 5000 + ".c"])
def test_a_token_that_does_not_say_has_no_expiry(token: str) -> None:
    assert read_kubeconfig(make_kubeconfig(user={"token": token})).expires_at is None

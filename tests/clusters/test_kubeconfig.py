"""A kubeconfig stands alone, verifies its server, and is never quoted."""

from typing import Any

import pytest
import yaml

from clusters.kubeconfig import LIMIT_BYTES, parse_kubeconfig, read_kubeconfig
from domain.errors import InvalidValue
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

"""A kubeconfig stands alone: nothing to run, nothing to read, nobody trusted blindly; its text is never quoted."""

import json
from typing import Any

import pytest

from domain.errors import CiviparoisseError
from engine.kubernetes.kubeconfig import LIMIT_BYTES, parse_kubeconfig
from tests.engine.kubernetes.fake_api import TOKEN, make_kubeconfig


def change(**changes: Any) -> str:
    content = json.loads(make_kubeconfig(16443, "authority"))
    content["clusters"][0]["cluster"] |= changes.pop("cluster", {})
    content["users"][0]["user"] |= changes.pop("user", {})
    return json.dumps({**content, **changes})


def test_only_what_is_used_is_kept() -> None:
    parsed = parse_kubeconfig(change(user={"extensions": [{"name": "x"}]}, preferences={"colors": True}))
    assert set(parsed) == {"apiVersion", "kind", "current-context", "contexts", "clusters", "users"}
    assert parsed["users"][0]["user"] == {"token": TOKEN}
    assert parsed["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:16443"


@pytest.mark.parametrize(
    "text",
    [
        change(user={"exec": {"command": "/bin/sh"}}),
        change(user={"auth-provider": {"name": "gcp"}}),
        change(user={"tokenFile": "/etc/shadow"}),
        change(user={"client-key": "/root/key"}),
        change(user={"username": "admin", "password": "secret"}),
        change(user={"as": "system:masters"}),
        change(user={"token": ""}),
        change(user={"token": ["x"]}),
        change(cluster={"certificate-authority": "/etc/ca"}),
        change(cluster={"insecure-skip-tls-verify": True}),
        change(cluster={"proxy-url": "http://evil.example.org"}),
        change(cluster={"server": "http://127.0.0.1"}),
        change(**{"current-context": "other"}),
        change(users=[]),
        "a: &a [x]\nb: [*a, *a]",
        "{",
        "just a text",
        "x" * (LIMIT_BYTES + 1),
    ],
)
def test_anything_else_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(CiviparoisseError) as raised:
        parse_kubeconfig(text)
    assert raised.value.code == "kubeconfig_invalid"
    assert TOKEN not in str(raised.value) and "secret" not in str(raised.value)
    assert raised.value.__cause__ is None

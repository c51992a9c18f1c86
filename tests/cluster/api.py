"""The API server by plain HTTP, for fixtures that must be quick and must not depend on what they test."""

import base64
import json
import ssl
from dataclasses import dataclass
from typing import Any

import urllib3
import yaml

SECONDS = 30.0
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


@dataclass(frozen=True)
class Account:
    """Who asks, and whom: the current context of a kubeconfig with a token."""

    server: str
    authority: bytes
    token: str


def parse_kubeconfig(text: str) -> Account:
    """Return the account of a kubeconfig that holds everything itself."""
    document = yaml.safe_load(text)
    (cluster,), (user,) = document["clusters"], document["users"]
    authority = base64.b64decode(cluster["cluster"]["certificate-authority-data"])
    return Account(cluster["cluster"]["server"], authority, user["user"]["token"])


class Api:
    """Reads and writes objects. Answers that are not in `accepted` raise AssertionError."""

    def __init__(self, kubeconfig: str) -> None:
        account = parse_kubeconfig(kubeconfig)
        context = ssl.create_default_context(cadata=account.authority.decode())
        self._server = account.server
        self._headers = {"Authorization": f"Bearer {account.token}", "Accept": "application/json"}
        self._pool = urllib3.PoolManager(ssl_context=context, timeout=SECONDS, retries=False, maxsize=4)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        accepted: tuple[int, ...] = (200, 201, 202),
    ) -> dict[str, Any]:
        """Send one request and return the answer's document."""
        data = None if body is None else json.dumps(body).encode()
        headers = {**self._headers, "Content-Type": content_type}
        answer = self._pool.request(method, f"{self._server}{path}", body=data, headers=headers)
        assert answer.status in accepted, f"{method} {path}: {answer.status} {answer.data[:500]!r}"
        document: dict[str, Any] = json.loads(answer.data)
        return document

    def list(self, path: str) -> list[dict[str, Any]]:
        """Return the objects of a list."""
        items: list[dict[str, Any]] = self.request("GET", path)["items"]
        return items

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

"""Plain questions to a cluster's API, for looks that know no objects of ours. Documents in, documents out."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import urllib3
from kubernetes import client

from domain.cluster import ClusterSettings
from domain.errors import ClusterUnreachable
from domain.findings import Finding
from engine.kubernetes.check import list_findings
from engine.kubernetes.client import Connection
from engine.kubernetes.connection import make_api
from engine.kubernetes.errors import describe_failure
from engine.kubernetes.permissions import read_permissions
from engine.kubernetes.questions import Ask

CONNECT_SECONDS = 5
ANSWER_SECONDS = 15
CREATED = 201
JSON = {"Accept": "application/json", "Content-Type": "application/json"}


def check_cluster(name: str, connection: Connection, settings: ClusterSettings) -> tuple[Finding, ...]:
    """Return what the cluster called `name` has and lacks (engine/kubernetes/check.py). Raise ClusterUnreachable when
    it does not answer, CiviparoisseError `kubeconfig_invalid` without an account to use."""
    api = make_api(connection.kubeconfig)
    try:
        return list_findings(make_ask(name, api), settings, read_permissions())
    finally:
        api.rest_client.pool_manager.clear()


def request_token(name: str, connection: Connection, *, namespace: str, account: str, seconds: int) -> str | None:
    """Return a new token of a ServiceAccount (TokenRequest), None where the account may not ask for one. Raise as
    `check_cluster`. `seconds`: how long it is wanted for; the cluster may give less."""
    api = make_api(connection.kubeconfig)
    body = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": seconds},
    }
    try:
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/serviceaccounts/{quote(account, safe='')}/token"
        status, answer = make_ask(name, api)("POST", path, body)
    finally:
        api.rest_client.pool_manager.clear()
    if status != CREATED:
        return None
    token = (answer.get("status") or {}).get("token")
    return token if isinstance(token, str) and token else None


def make_ask(name: str, api: Any) -> Ask:
    """Return the function that asks one question of `api`; see engine.kubernetes.questions.Ask."""

    def ask(method: str, path: str, content: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        query = list(content.items()) if method == "GET" else []
        body = dict(content) if method != "GET" else None
        request = api.param_serialize(
            method, path, query_params=query, header_params=dict(JSON), body=body, auth_settings=["BearerToken"]
        )
        try:
            answer = api.call_api(*request, _request_timeout=(CONNECT_SECONDS, ANSWER_SECONDS))
            text = answer.read()
        except (client.ApiException, urllib3.exceptions.HTTPError, OSError) as error:
            # "from None": what the client says may quote headers.
            raise ClusterUnreachable(instance=name, detail=describe_failure(error)) from None
        return answer.status, _parse(text)

    return ask


def _parse(text: bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}  # a proxy's page
    return document if isinstance(document, dict) else {}

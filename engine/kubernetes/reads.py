"""Plain questions to a cluster's API, for looks that know no objects of ours. Documents in, documents out."""

import json
from collections.abc import Mapping
from typing import Any

import urllib3
import yaml
from kubernetes import client, config

from domain.cluster import ClusterSettings
from domain.errors import EngineUnavailable
from domain.findings import Finding
from engine.kubernetes.check import Ask, list_findings
from engine.kubernetes.permissions import read_permissions

CONNECT_SECONDS = 5
ANSWER_SECONDS = 15
JSON = {"Accept": "application/json", "Content-Type": "application/json"}


def check_cluster(name: str, kubeconfig: str | None, settings: ClusterSettings) -> tuple[Finding, ...]:
    """Return what the cluster called `name` has and lacks (engine/kubernetes/check.py). `kubeconfig`: None for the
    pod's own account. Raise EngineUnavailable when it does not answer."""
    api = make_client(name, kubeconfig)
    try:
        return list_findings(make_ask(name, api), settings, read_permissions())
    finally:
        api.rest_client.pool_manager.clear()


def make_client(name: str, kubeconfig: str | None) -> Any:
    """Return a client of the cluster. Raise EngineUnavailable when there is no account to use."""
    settings = client.Configuration()
    try:
        if kubeconfig is None:
            config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]
        else:
            # Nothing is ever written back, and certificates go to files that only this account reads.
            config.load_kube_config_from_dict(  # type: ignore[no-untyped-call]
                yaml.safe_load(kubeconfig), client_configuration=settings, persist_config=False
            )
    except config.ConfigException:
        # "from None": its text may quote the kubeconfig.
        raise EngineUnavailable(instance=name, detail="the kubeconfig cannot be used") from None
    settings.retries = False
    return client.ApiClient(settings)


def make_ask(name: str, api: Any) -> Ask:
    """Return the function that asks one question of `api`; see engine.kubernetes.check.Ask."""

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
            raise EngineUnavailable(instance=name, detail=describe_failure(error)) from error
        return answer.status, _parse(text)

    return ask


def describe_failure(error: Exception) -> str:
    """Return in a few words why a server could not be asked; no address's query and no header is in it."""
    cause = error
    while isinstance(getattr(cause, "reason", None), Exception):
        cause = cause.reason  # type: ignore[attr-defined]
    return type(cause).__name__


def _parse(text: bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}  # a proxy's page
    return document if isinstance(document, dict) else {}

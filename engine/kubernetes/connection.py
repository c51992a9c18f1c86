"""The library's client of a cluster's API with one account, nothing else of a kubeconfig; how often it was used."""

import threading
from collections.abc import Callable
from typing import Any

from kubernetes import client, config

from domain.errors import CiviparoisseError
from engine.access_log import MANAGER_AGENT
from engine.kubernetes.kubeconfig import parse_kubeconfig


class Counter:
    """A number that several threads count up."""

    def __init__(self) -> None:
        self.value = 0
        self._lock = threading.Lock()

    def add(self) -> None:
        """Count one more."""
        with self._lock:
            self.value += 1


def make_api(kubeconfig: str | None) -> Any:
    """Return the library's client for a kubeconfig's text; None is the account of the pod we run in. Raise
    CiviparoisseError `kubeconfig_invalid`."""
    settings = client.Configuration()
    try:
        if kubeconfig is None:
            config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]
        else:
            content = parse_kubeconfig(kubeconfig)
            load: Callable[..., None] = config.load_kube_config_from_dict
            load(content, client_configuration=settings, persist_config=False)
    except (config.ConfigException, ValueError):
        # "from None": its text may quote the account.
        reason = "its certificates cannot be read" if kubeconfig else "we do not run in a pod with an account"
        raise CiviparoisseError("kubeconfig_invalid", reason=reason) from None
    settings.retries = False
    settings.client_side_validation = False
    settings.debug = False
    api = client.ApiClient(settings)
    # Also to the pages that the API server reads for us: they tell us from visitors by it.
    api.user_agent = MANAGER_AGENT
    return api

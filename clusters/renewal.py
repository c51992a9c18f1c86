"""Renew the token of a kubeconfig before it ends, where its account may ask for a new one of its own."""

import logging
import re
from datetime import datetime
from typing import Any

import yaml
from django.db import transaction

from clusters.kubeconfig import read_kubeconfig
from clusters.models import Cluster
from domain.errors import CiviparoisseError
from domain.strict_yaml import parse_yaml

log = logging.getLogger("clusters")

# The subject of a ServiceAccount's token (kubernetes.io, "Managing Service Accounts").
SUBJECT = re.compile(r"system:serviceaccount:([a-z0-9-]+):([a-z0-9.-]+)")
# The API server's own least.
LEAST_SECONDS = 600


def renew_token(cluster: Cluster, *, now: datetime) -> bool:
    """Replace the token of the cluster's kubeconfig when half of its life is over; return whether it was. What cannot
    be renewed is told by the check, in time."""
    try:
        facts = read_kubeconfig(cluster.kubeconfig) if cluster.kubeconfig else None
    except CiviparoisseError:
        return False
    if facts is None or facts.expires_at is None or facts.issued_at is None:
        return False
    account, life = SUBJECT.fullmatch(facts.subject), facts.expires_at - facts.issued_at
    if account is None or not facts.issued_at + life / 2 <= now < facts.expires_at:
        return False
    # Imported on first use: an installation without a cluster never loads the client, which is large.
    from engine.kubernetes.client import Connection
    from engine.kubernetes.reads import request_token

    seconds = max(LEAST_SECONDS, int(life.total_seconds()))
    try:
        connection = Connection(kubeconfig=cluster.kubeconfig)
        token = request_token(cluster.name, connection, namespace=account[1], account=account[2], seconds=seconds)
    except CiviparoisseError as error:
        log.warning("token of %s: %s", cluster.name, error.code)
        return False
    if token is None:
        return False
    return _keep(cluster, replace_token(cluster.kubeconfig, token))


def _keep(cluster: Cluster, kubeconfig: str) -> bool:
    """Write the new kubeconfig unless somebody has replaced the old one meanwhile."""
    with transaction.atomic():
        row = Cluster.objects.select_for_update().get(pk=cluster.pk)
        if row.kubeconfig != cluster.kubeconfig:
            return False
        row.kubeconfig = kubeconfig
        row.save(update_fields=["kubeconfig"])
    cluster.kubeconfig = kubeconfig
    log.info("token of %s: renewed", cluster.name)
    return True


def replace_token(kubeconfig: str, token: str) -> str:
    """Return the kubeconfig with another token for its current context's user. Pure."""
    document: dict[str, Any] = parse_yaml(kubeconfig)
    contexts = {entry["name"]: entry["context"] for entry in document["contexts"]}
    wanted = contexts[document["current-context"]]["user"]
    for entry in document["users"]:
        if entry["name"] == wanted:
            entry["user"]["token"] = token
    return yaml.safe_dump(document, sort_keys=False)

"""Proves that a given public certificate is where the pages take it from: a Secret in each instance's namespace, which
somebody other than the manager puts there and renews."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.cluster import ClusterSettings, IngressKind
from domain.findings import Finding, Level
from engine.kubernetes.questions import Ask, get_document
from engine.kubernetes.records import KEPT
from manifests.labels import MANAGER_LABEL, OURS
from manifests.tls import RENEW_DAYS, find_expiry
from manifests.ways_in import makes_certificates

NAMED_NAMESPACES = 5
# Of a Secret of the type kubernetes.io/tls.
CERTIFICATE, KEY = "tls.crt", "tls.key"


def check_given_certificate(ask: Ask, settings: ClusterSettings, *, now: datetime) -> Iterator[Finding]:
    """Yield in how many instances' namespaces the Secret of `ingress_tls_secret` is, those without, and those whose
    certificate ends soon. Nothing where none is given, or where cert-manager makes one for each host."""
    name = settings.ingress_tls_secret
    if not name or settings.ingress_kind is IngressKind.NONE or makes_certificates(settings):
        return
    namespaces = get_document(ask, "/api/v1/namespaces", "Namespace", labelSelector=OURS).get("items", [])
    wanted = sorted(one["metadata"]["name"] for one in namespaces if _shows_a_page(one, settings))
    listed = get_document(ask, "/api/v1/secrets", "Secret", fieldSelector=f"metadata.name={name}").get("items", [])
    ends = {one["metadata"]["namespace"]: _read_expiry(one) for one in listed}
    missing = [one for one in wanted if ends.get(one) is None]
    limit = now + timedelta(days=RENEW_DAYS)
    soon = {one: end for one in wanted if (end := ends.get(one)) is not None and end < limit}
    if missing:
        params = {**_name(missing), "secret": name}
        yield Finding(code="given_certificate_missing", level=Level.CRITICAL, params=params)
    if soon:
        params = {**_name(list(soon)), "secret": name, "end": f"{min(soon.values()):%Y-%m-%d}"}
        level = Level.CRITICAL if min(soon.values()) <= now else Level.WARNING
        yield Finding(code="given_certificate_ends", level=level, params=params)
    if not missing and not soon:
        params = {"count": len(wanted), "secret": name}
        yield Finding(code="given_certificate_found", level=Level.OK, params=params)


def _shows_a_page(namespace: Mapping[str, Any], settings: ClusterSettings) -> bool:
    """Return whether it is this manager's, and more than kept backups or what is on its way out."""
    metadata = namespace["metadata"]
    foreign = settings.manager and (metadata.get("labels") or {}).get(MANAGER_LABEL) != settings.manager
    kept = KEPT in (metadata.get("annotations") or {})
    return not (foreign or kept or metadata.get("deletionTimestamp"))


def _read_expiry(secret: Mapping[str, Any]) -> datetime | None:
    """Return when the Secret's certificate ends; None where it is not whole."""
    data = secret.get("data") or {}
    try:
        return find_expiry(base64.b64decode(data[CERTIFICATE], validate=True).decode()) if data.get(KEY) else None
    except (KeyError, ValueError, TypeError, binascii.Error):
        return None


def _name(namespaces: list[str]) -> dict[str, Any]:
    shown = ", ".join(namespaces[:NAMED_NAMESPACES]) + (", …" if len(namespaces) > NAMED_NAMESPACES else "")
    return {"count": len(namespaces), "names": shown}

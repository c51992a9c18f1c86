"""Kubeconfigs, judged before they are kept. They hold a key: nothing of one is ever part of an error or a page.

A kubeconfig may name programs to run (`exec`, `auth-provider`) and files to read; here it comes from outside and is
used by the manager, so it must stand alone: one document with the certificates and the account in it.
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from clusters.values import refuse
from domain.errors import CiviparoisseError
from domain.strict_yaml import YamlRefused, parse_yaml
from engine.kubernetes import kubeconfig
from manifests.tls import find_expiry

LIMIT_BYTES = 64 * 1024
# Fields that make whoever loads it run a program, or read a file of the machine.
PROGRAMS = frozenset({"exec", "auth-provider"})
FILES = frozenset({"certificate-authority", "client-certificate", "client-key", "tokenFile"})
ACCOUNTS = (("token",), ("client-certificate-data", "client-key-data"))


@dataclass(frozen=True, slots=True)
class KubeconfigFacts:
    """What may be shown of a kubeconfig. `server`: the API's address; `account`: token or certificate; `expires_at`:
    when the account's token or certificate does, `issued_at`: since when, None when it does not say. `subject`: whose
    token it is, "" when it does not say."""

    context: str
    server: str
    account: str
    expires_at: datetime | None = None
    issued_at: datetime | None = None
    subject: str = ""


def parse_kubeconfig(field: str, value: object) -> str:
    """Return the kubeconfig `value` unchanged; empty means the pod's own account. Raise InvalidValue with a reason
    that quotes nothing of it."""
    if not isinstance(value, str):
        raise refuse(field, _("is not a text; in a file, put it between quotes."))
    if not value.strip():
        return ""
    read_kubeconfig(value, field=field)
    try:
        # Whoever uses it takes still less.
        kubeconfig.parse_kubeconfig(value)
    except CiviparoisseError as error:
        raise refuse(field, str(error.params["reason"])) from error
    return value


def read_kubeconfig(text: str, *, field: str = "kubeconfig") -> KubeconfigFacts:
    """Return what may be shown of `text`. Raise InvalidValue when it cannot be used."""
    if len(text.encode(errors="replace")) > LIMIT_BYTES:
        raise refuse(field, _("larger than %s bytes") % LIMIT_BYTES)
    document = _load(field, text)
    context_name = document.get("current-context")
    context = _find(field, document, "contexts", context_name, "context")
    cluster = _find(field, document, "clusters", context.get("cluster"), "cluster")
    user = _find(field, document, "users", context.get("user"), "user")
    _refuse_dependent(field, cluster, user)
    server = cluster.get("server")
    if not isinstance(server, str) or not server.startswith("https://") or not server.isprintable():
        raise refuse(field, _("its server is not an https:// address."))
    if "@" in server or "?" in server:
        raise refuse(field, _("its server’s address holds more than a host, a port and a path."))
    account = next((names[0] for names in ACCOUNTS if all(isinstance(user.get(name), str) for name in names)), None)
    if account is None:
        raise refuse(field, _("its user has neither a token nor a certificate with its key."))
    with_token = account == "token"
    if not with_token:
        expires_at = _find_certificate_expiry(user[account])
        return KubeconfigFacts(context=str(context_name), server=server, account="certificate", expires_at=expires_at)
    claims = _read_claims(user[account])
    return KubeconfigFacts(
        context=str(context_name),
        server=server,
        account="token",
        expires_at=_find_moment(claims, "exp"),
        issued_at=_find_moment(claims, "iat"),
        subject=str(claims.get("sub", "")),
    )


def _load(field: str, text: str) -> dict[str, Any]:
    try:
        document = parse_yaml(text)
    except YamlRefused as refused:
        is_yaml = refused.problem != "syntax"
        raise refuse(field, _("is not a kubeconfig.") if is_yaml else _("is not YAML.")) from None
    if not isinstance(document, dict) or document.get("kind", "Config") != "Config":
        raise refuse(field, _("is not a kubeconfig."))
    return document


def _find(field: str, document: dict[str, Any], group: str, name: object, part: str) -> dict[str, Any]:
    """Return the `part` of the entry called `name` in the list `group`."""
    entries = document.get(group)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and name and entry.get("name") == name and isinstance(entry.get(part), dict):
            content: dict[str, Any] = entry[part]
            return content
    raise refuse(
        field, _("its current context, or what the context names, is not in it (%(group)s).") % {"group": group}
    )


def _refuse_dependent(field: str, cluster: dict[str, Any], user: dict[str, Any]) -> None:
    """Refuse what needs a program or a file of some machine, and what trusts anybody. Raise InvalidValue."""
    present = set(cluster) | set(user)
    if PROGRAMS & present:
        raise refuse(field, _("it runs a program to log in (exec): use a ServiceAccount’s token instead."))
    if FILES & present:
        raise refuse(
            field, _("it refers to files: make one that stands alone, kubectl config view --flatten --minify.")
        )
    if cluster.get("insecure-skip-tls-verify"):
        raise refuse(field, _("it does not verify the server: give certificate-authority-data instead."))


def _read_claims(token: str) -> dict[str, Any]:
    """Return what a ServiceAccount's token says: a JSON Web Token does so in its second part (RFC 7519)."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, TypeError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _find_moment(claims: dict[str, Any], name: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(claims[name]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _find_certificate_expiry(content: str) -> datetime | None:
    """Return when a client certificate expires (base64 of PEM)."""
    try:
        return find_expiry(base64.b64decode(content, validate=True).decode())
    except ValueError:
        return None

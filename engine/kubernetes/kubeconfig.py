"""Kubeconfigs, reduced to what we use of one: an address, its authority, and one account. Pure.

A kubeconfig may tell whoever loads it to run programs (`exec`, `auth-provider`) and to read files. Nothing of the kind
is taken: what is not named here is refused or left out, and no error quotes anything of it.
"""

from collections.abc import Mapping
from typing import Any

from domain.errors import CiviparoisseError
from domain.strict_yaml import YamlRefused, parse_yaml

LIMIT_BYTES = 64 * 1024
CLUSTER_FIELDS = frozenset({"server", "certificate-authority-data", "tls-server-name"})
USER_FIELDS = frozenset({"token", "client-certificate-data", "client-key-data"})
# Harmless, and of no use to us.
IGNORED = frozenset({"extensions"})
ONE = "one"


def parse_kubeconfig(text: str) -> dict[str, Any]:
    """Return a kubeconfig with nothing but the current context's cluster and user. Raise CiviparoisseError
    `kubeconfig_invalid` with the reason."""
    if len(text.encode(errors="replace")) > LIMIT_BYTES:
        raise _refuse(f"it has more than {LIMIT_BYTES} bytes")
    try:
        content = parse_yaml(text)
    except YamlRefused as refused:
        raise _refuse("it has aliases" if refused.problem == "alias" else "it is not YAML") from None
    if not isinstance(content, dict):
        raise _refuse("it is not a document of fields")
    context = _find(content, "contexts", content.get("current-context"), "context")
    cluster = _select(_find(content, "clusters", context.get("cluster"), "cluster"), CLUSTER_FIELDS)
    user = _select(_find(content, "users", context.get("user"), "user"), USER_FIELDS)
    if not cluster.get("server", "").startswith("https://"):
        raise _refuse("its server is not an https:// address")
    if not user.get("token") and not (user.get("client-certificate-data") and user.get("client-key-data")):
        raise _refuse("its user has neither a token nor a certificate with its key")
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": ONE,
        "contexts": [{"name": ONE, "context": {"cluster": ONE, "user": ONE}}],
        "clusters": [{"name": ONE, "cluster": cluster}],
        "users": [{"name": ONE, "user": user}],
    }


def _find(content: Mapping[str, Any], group: str, name: object, part: str) -> dict[str, Any]:
    entries = content.get(group)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and name and entry.get("name") == name and isinstance(entry.get(part), dict):
            section: dict[str, Any] = entry[part]
            return section
    raise _refuse(f"its current context is not complete ({group})")


def _select(content: Mapping[str, Any], fields: frozenset[str]) -> dict[str, str]:
    """Return the texts of `fields`. Raise for any other field that says something."""
    present = {name for name, value in content.items() if value not in (None, "", False, {})}
    if others := sorted(str(name) for name in present - fields - IGNORED):
        raise _refuse(f"it must stand alone; not used here: {', '.join(others)}")
    values = {name: content[name] for name in present & fields}
    if not all(isinstance(value, str) for value in values.values()):
        raise _refuse("a field that is a text is something else")
    return values


def _refuse(reason: str) -> CiviparoisseError:
    return CiviparoisseError("kubeconfig_invalid", reason=reason)

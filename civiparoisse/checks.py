"""What `manage.py check --deploy` says of the ways to the database and the broker: whoever listens hears no parish."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


def is_here(host: str) -> bool:
    """Return whether a host is this machine: nothing leaves it on the way there. A path is a socket of it."""
    if host in ("", "localhost") or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@register(Tags.security, deploy=True)
def check_database_way(**_options: Any) -> list[CheckMessage]:
    """Report a database server elsewhere whose certificate nobody verifies."""
    database = settings.DATABASES["default"]
    host, options = str(database.get("HOST") or ""), database.get("OPTIONS", {})
    if not database["ENGINE"].endswith("mysql") or is_here(host) or options.get("ssl_verify_identity"):
        return []
    told = f"Parishes' data goes to the database server {host} without verified TLS: others may read or answer."
    hint = "Set CIVIPAROISSE_MYSQL_TLS=verify_identity, with CIVIPAROISSE_MYSQL_CA_FILE for an authority of your own."
    return [Warning(told, hint=hint, id="civiparoisse.W001")]


@register(Tags.security, deploy=True)
def check_broker_way(**_options: Any) -> list[CheckMessage]:
    """Report a broker elsewhere that is reached without TLS, or by everybody."""
    if settings.BROKER != "redis":
        return []
    parts = urlsplit(settings.CELERY_BROKER_URL)
    host, found = parts.hostname or "", []
    if is_here(host):
        return []
    if parts.scheme != "rediss":
        told = f"The broker {host} is reached without TLS: its password and what is asked for can be read on the way."
        hint = "Begin CIVIPAROISSE_REDIS_URL with rediss://; CIVIPAROISSE_REDIS_CA_FILE names your own authority."
        found.append(Warning(told, hint=hint, id="civiparoisse.W002"))
    if not parts.password:
        told = f"The broker {host} asks for no password: whoever reaches it may ring for any operation that was asked."
        hint = "Give it an account (ACL), and CIVIPAROISSE_REDIS_USER and CIVIPAROISSE_REDIS_PASSWORD_FILE here."
        found.append(Warning(told, hint=hint, id="civiparoisse.W003"))
    return list(found)

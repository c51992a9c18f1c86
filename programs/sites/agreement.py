"""Whether the settings of Drupal and CiviCRM say the same, and lead to the server beside them. Pure but for reading.

What is no plain string is passed over: what certainly disagrees is told, and nothing else.
"""

import re
from pathlib import Path
from urllib.parse import unquote

from programs.run.environment import ServerAccess
from programs.sites.php_text import PhpUnclear, list_defines, list_leaves, parse_tokens
from programs.sites.settings import BASE_URL, DSN_NAMES
from programs.sites.settings_files import read_settings

DRUPAL, CIVICRM = "settings.php", "civicrm.settings.php"
KEY_CONSTANT = "CIVICRM_SITE_KEY"
# A password may hold what a URL's parts are divided by.
ACCOUNT = re.compile(
    r"mysqli?://(?P<user>[^:@]*)(?::.*)?@(?P<host>[^@/?:]*)(?::(?P<port>\d+))?/(?P<database>\w+)(?:\?.*)?", re.DOTALL
)
DEFAULT_PORT = 3306


def find_disagreements(directory: Path, server: ServerAccess, *, host: str) -> list[str]:
    """Return what does not agree, in English. `directory`: that of the settings files; `host`: of the site's pages, ""
    when it is not told. Raise ProgramError when a file is not there or cannot be read."""
    told: list[str] = []
    drupal = read_drupal_database(read_settings(directory / DRUPAL))
    constants = read_constants(read_settings(directory / CIVICRM))
    if drupal is not None and drupal not in server.databases:
        told.append(f"{DRUPAL} names the database {drupal}, which is none of the instance's")
    for name in DSN_NAMES:
        if value := constants.get(name):
            told += _judge_dsn(name, value, server)
    own, users = (_find_database(constants.get(name)) for name in ("CIVICRM_DSN", "CIVICRM_UF_DSN"))
    if drupal and users and users != drupal:
        told.append(f"CIVICRM_UF_DSN names the database {users}, but {DRUPAL} names {drupal}")
    if own and users and own == users:
        told.append(f"CIVICRM_DSN and CIVICRM_UF_DSN name the same database {own}")
    if constants.get(KEY_CONSTANT) == "":
        told.append(f"{KEY_CONSTANT} is empty")
    page = BASE_URL.fullmatch(constants.get("CIVICRM_UF_BASEURL") or "")
    if host and page and page["host"].partition(":")[0] != host.partition(":")[0]:
        told.append(f"CIVICRM_UF_BASEURL is at {page['host']}, not at {host}")
    return told


def read_drupal_database(source: str) -> str | None:
    """Return the database of Drupal's default connection, as assigned last; None when that is no plain string."""
    try:
        leaves = list_leaves(parse_tokens(source))
    except PhpUnclear:
        return None
    wanted = ("databases", "default", "default", "database")
    return next((leaf.text for leaf in reversed(leaves) if leaf.keys == wanted), None)


def read_constants(source: str) -> dict[str, str | None]:
    """Return the constants that CiviCRM's settings define, as defined first; None for what is no plain string."""
    try:
        defines = list_defines(parse_tokens(source))
    except PhpUnclear:
        return {}
    found: dict[str, str | None] = {}
    for name, value in defines:
        found.setdefault(name.value or "", value[0].value if len(value) == 1 else None)
    return found


def _judge_dsn(name: str, value: str, server: ServerAccess) -> list[str]:
    parts = ACCOUNT.fullmatch(value)
    if parts is None:
        return [f"{name} is no address of a database"]
    told = []
    if parts["database"] not in server.databases:
        told.append(f"{name} names the database {parts['database']}, which is none of the instance's")
    if unquote(parts["user"]) != server.user:
        told.append(f"{name} names another account than the instance's")
    port = int(parts["port"] or DEFAULT_PORT)
    if server.socket is None and (parts["host"], port) != (server.host, server.port):
        told.append(f"{name} leads to {parts['host']}:{port}, which is not the instance's server")
    return told


def _find_database(value: str | None) -> str | None:
    parts = ACCOUNT.fullmatch(value or "")
    return None if parts is None else parts["database"]

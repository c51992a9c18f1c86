"""Rewrite the settings files of a copied site, as text: credentials, host, paths, and no outgoing mail.

Only what is understood for sure is changed; a value that must change and is not one plain string is refused.
Shapes: Drupal's default.settings.php and CiviCRM's civicrm.settings.php.template.
"""

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

from programs.run.failures import ProgramError
from programs.sites.copy_block import COPY_BLOCK, NewSite, make_copy_block
from programs.sites.php_text import (
    Leaf,
    PhpUnclear,
    Token,
    format_string,
    list_defines,
    list_leaves,
    parse_tokens,
)

Edit = tuple[int, int, str]
DSN_NAMES = ("CIVICRM_DSN", "CIVICRM_UF_DSN", "CIVICRM_LOGGING_DSN")
DSN = re.compile(r"(?P<scheme>mysqli?)://(?:.*)@[^@/?]*/(?P<database>\w+)(?P<query>\?.*)?", re.DOTALL)
BASE_URL = re.compile(r"(?P<scheme>https?)://(?P<host>[^/?#]+)(?P<path>/.*)?", re.DOTALL)
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
OF_ORIGIN = "_OF_THE_ORIGIN"
# Every message goes to the log and none to a server (CiviCRM's administrator guide); the log keeps nothing. In another
# environment than Production no scheduled job and no mailing runs.
CIVICRM_MAIL_OFF = (
    "if (!defined('CIVICRM_MAIL_LOG')) {\n  define('CIVICRM_MAIL_LOG', '/dev/null');\n}\n"
    "if (!defined('CIVICRM_ENVIRONMENT')) {\n  define('CIVICRM_ENVIRONMENT', 'Staging');\n}\n"
)
CIVICRM_ENDING = "$civicrm_setting['domain']['environment'] = 'Staging';\n"
RENAMED = ("CIVICRM_MAIL_LOG", "CIVICRM_MAIL_LOG_AND_SEND", "CIVICRM_ENVIRONMENT")
KEPT_VALUES = ("/dev/null", "Staging")


def make_drupal_settings(source: str, site: NewSite) -> str:
    """Return settings.php for the copy. Raise ProgramError (``settings_unclear``) if that is not certain."""
    source = COPY_BLOCK.sub("", source)
    return rewrite("settings.php", source, lambda tokens: list_drupal_edits(tokens, site), make_copy_block(site))


def make_civicrm_settings(source: str, site: NewSite) -> str:
    """Return civicrm.settings.php for the copy. Raise ProgramError (``settings_unclear``)."""
    edits = rewrite("civicrm.settings.php", source, lambda tokens: list_civicrm_edits(tokens, site), CIVICRM_ENDING)
    if CIVICRM_MAIL_OFF in edits:
        return edits
    return re.sub(r"^(\s*<\?php)(?=\s)", lambda match: f"{match[1]}\n{CIVICRM_MAIL_OFF}", edits, count=1)


def rewrite(name: str, source: str, make_edits: Callable[[list[Token]], list[Edit]], ending: str) -> str:
    """Apply the edits, then put ``ending`` at the end of the code unless it is there."""
    try:
        tokens = parse_tokens(source)
        edits = make_edits(tokens)
    except PhpUnclear as error:
        raise ProgramError(
            "settings_unclear",
            f"{name} of the set cannot be rewritten for the copy with certainty: {error}",
            hint="write this value as one plain string in the original site, and take another backup",
            params={"file": name, "reason": str(error)},
        ) from error
    if ending and ending not in source:
        end = tokens[-1].end if tokens else len(source)
        edits.append((end, end, "\n" + ending))
    return apply_edits(source, edits)


def apply_edits(source: str, edits: Iterable[Edit]) -> str:
    """Return the text with all edits."""
    for start, stop, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[stop:]
    return source


def list_drupal_edits(tokens: list[Token], site: NewSite) -> list[Edit]:
    """Return the edits of Drupal's settings: every database connection, trusted hosts, paths."""
    edits: dict[int, Edit] = {}
    leaves = list_leaves(tokens)
    connections: dict[tuple[str | None, ...], dict[str, Leaf]] = {}
    for leaf in leaves:
        if leaf.keys[0] == "databases" and len(leaf.keys) >= 4 and leaf.keys[-1] is not None:
            connections.setdefault(leaf.keys[:-1], {})[leaf.keys[-1]] = leaf
        if leaf.keys[:2] == ("settings", "trusted_host_patterns") and not is_loopback(leaf):
            add_trusted_host(edits, leaf, site)
    if ("databases", "default", "default") not in connections:
        raise PhpUnclear("there is no $databases['default']['default'] in it")
    for keys, connection in connections.items():
        if "database" in connection or "password" in connection:
            add_connection(edits, keys, connection, site)
    return add_paths(edits, tokens, site)


def add_connection(
    edits: dict[int, Edit], keys: tuple[str | None, ...], connection: dict[str, Leaf], site: NewSite
) -> None:
    """Set account and address of one connection; a socket of the origin's is put out of the way."""
    shown = "$" + "/".join(key or "[]" for key in keys)
    values = {
        "username": site.user,
        "password": site.password,
        "host": site.db_host,
        "port": str(site.db_port),
    }
    missing = []
    for name, value in values.items():
        if name not in connection:
            missing.append(f"{format_string(name)} => {format_string(value)}, ")
            continue
        leaf = connection[name]
        is_number = name == "port" and len(leaf.value) == 1 and leaf.value[0].source.isdigit()
        if leaf.text is None and not is_number:
            raise PhpUnclear(f"the {name} of {shown} is not one plain string")
        replace(edits, leaf.value, format_string(value))
    socket = connection.get("unix_socket")
    anchor = connection.get("password") or next(iter(connection.values()))
    if (socket and socket.key is None) or (missing and anchor.key is None):
        raise PhpUnclear(f"{shown} is not one array")
    if socket and socket.key:
        replace(edits, (socket.key,), format_string("unix_socket" + OF_ORIGIN.lower()))
    if missing and anchor.key:
        start = anchor.key.start
        edits[start] = (start, start, "".join(missing))


def is_loopback(leaf: Leaf) -> bool:
    """Tell whether a trusted host is the machine itself, by which probes may ask for the page."""
    return (leaf.text or "").strip("^$").replace("\\", "") in LOOPBACK_HOSTS


def add_trusted_host(edits: dict[int, Edit], leaf: Leaf, site: NewSite) -> None:
    """Let one value of trusted_host_patterns trust the copy; an array is changed by its elements."""
    pattern = format_host_pattern(site)
    is_array = leaf.value[0].source in ("[", "array") and leaf.value[-1].source in ("]", ")")
    if len(leaf.keys) == 2 and not is_array:
        replace(edits, leaf.value, f"[{pattern}]")
    elif not is_array:
        replace(edits, leaf.value, pattern)


def format_host_pattern(site: NewSite) -> str:
    """Return the PHP literal of the pattern that trusts the copy's host only; patterns know no port."""
    return format_string("^" + re.escape(site.site_host.partition(":")[0]).replace("\\-", "-") + "$")


def find_hosts(source: str) -> set[str]:
    """The hosts under which a site says that its pages are."""
    try:
        values = [value for name, value in list_defines(parse_tokens(source)) if name.value == "CIVICRM_UF_BASEURL"]
    except PhpUnclear:
        return set()
    found = (BASE_URL.fullmatch(token.value or "") for value in values for token in value)
    return {match["host"] for match in found if match is not None}


def list_civicrm_edits(tokens: list[Token], site: NewSite) -> list[Edit]:
    """Return the edits of CiviCRM's settings: the three DSNs, the base URL and its host, paths, mail."""
    edits: dict[int, Edit] = {}
    seen: set[str] = set()
    hosts: set[str] = set()
    for name, value in list_defines(tokens):
        constant = name.value or ""
        plain = value[0].value if len(value) == 1 else None
        if constant in DSN_NAMES and is_literal(constant, value):
            replace(edits, value, format_string(make_dsn(constant, plain, site)))
            seen.add(constant)
        elif constant == "CIVICRM_UF_BASEURL" and is_literal(constant, value):
            parts = BASE_URL.fullmatch(plain or "")
            if parts is None:
                raise PhpUnclear(f"{constant} is not the address of a site")
            hosts.add(parts["host"])
        elif constant in RENAMED and plain not in KEPT_VALUES:
            replace(edits, (name,), format_string(constant + OF_ORIGIN))
    if "CIVICRM_DSN" not in seen:
        raise PhpUnclear("there is no CIVICRM_DSN in it")
    for token in tokens:
        parts = BASE_URL.fullmatch(token.value or "")
        if parts is not None and parts["host"] in hosts:
            address = f"{parts['scheme']}://{site.site_host}{parts['path'] or ''}"
            replace(edits, (token,), format_string(address))
    return add_paths(edits, tokens, site)


def is_literal(constant: str, value: Iterable[Token]) -> bool:
    """Tell whether a define has one string; False if it only passes on another constant or variable."""
    strings = [token for token in value if token.kind == "string"]
    if not any("://" in token.source for token in strings):
        return False
    if len(list(value)) != 1 or strings[0].value is None:
        raise PhpUnclear(f"{constant} is not one plain string")
    return True


def make_dsn(constant: str, plain: str | None, site: NewSite) -> str:
    """Return the data source name with the copy's account and address; database and options stay."""
    parts = DSN.fullmatch(plain or "")
    if parts is None:
        raise PhpUnclear(f"{constant} is not a data source name of MySQL")
    account = f"{quote(site.user, safe='')}:{quote(site.password, safe='')}"
    host = f"[{site.db_host}]" if ":" in site.db_host else site.db_host
    rest = f"{parts['database']}{parts['query'] or ''}"
    return f"{parts['scheme']}://{account}@{host}:{site.db_port}/{rest}"


def add_paths(edits: dict[int, Edit], tokens: list[Token], site: NewSite) -> list[Edit]:
    """Move every string that is a path of the origin; return all edits. Raise PhpUnclear."""
    for token in tokens:
        if token.kind != "string" or token.start in edits:
            continue
        for origin, copy in site.paths:
            if origin == copy:
                continue
            if token.value is not None and (token.value == origin or token.value.startswith(origin + "/")):
                replace(edits, (token,), format_string(copy + token.value[len(origin) :]))
                break
            if token.value is None and origin in token.source:
                raise PhpUnclear(f"a string with variables holds the path {origin}")
    return list(edits.values())


def replace(edits: dict[int, Edit], value: tuple[Token, ...], text: str) -> None:
    """Record that the tokens become ``text``; what was recorded inside of them is dropped."""
    start, end = value[0].start, value[-1].end
    for position in [position for position in edits if start <= position < end]:
        del edits[position]
    edits[start] = (start, end, text)

"""Settings files of a site that goes back to where it came from: what an engine may have changed since is written anew.

A port that was taken, a password that was made again, a directory that moved: the set names those of its day. Accounts
that are not the instance's own, sockets and everything else stay as they were.
"""

from pathlib import Path

from programs.run.failures import ProgramError
from programs.sites.copy_block import NewSite
from programs.sites.php_text import Leaf, PhpUnclear, Token, format_string, list_defines, list_leaves, parse_tokens
from programs.sites.settings import DSN, DSN_NAMES, Edit, add_paths, apply_edits, make_dsn, replace
from programs.sites.settings_files import read_settings, write_in_place

LOCAL_HOSTS = ("", "localhost")  # a client goes through the socket there


def refresh_staged_settings(staged: Path, site: NewSite) -> list[str]:
    """Write the present address and password into the settings files of a staged tree of sites; return what must be
    said: of a file that cannot be read with certainty nothing is changed."""
    told = []
    for name, list_edits in (("settings.php", list_drupal_edits), ("civicrm.settings.php", list_civicrm_edits)):
        path = staged / "default" / name
        try:
            source = read_settings(path)
            text = apply_edits(source, list_edits(parse_tokens(source), site))
        except PhpUnclear as error:
            told.append(f"{name} is as it was in the set, whose server may have another address by now: {error}")
        except ProgramError:
            continue  # no such file: a site that has none can be restored too
        else:
            if text != source:
                write_in_place(path, text.encode("utf-8", "surrogateescape"))
    return told


def list_drupal_edits(tokens: list[Token], site: NewSite) -> list[Edit]:
    """The edits of Drupal's connections that are of the instance's own account."""
    edits: dict[int, Edit] = {}
    connections: dict[tuple[str | None, ...], dict[str, Leaf]] = {}
    for leaf in list_leaves(tokens):
        if leaf.keys[0] == "databases" and len(leaf.keys) >= 4 and leaf.keys[-1] is not None:
            connections.setdefault(leaf.keys[:-1], {})[leaf.keys[-1]] = leaf
    for connection in connections.values():
        user, host = connection.get("username"), connection.get("host")
        if user is None or user.text != site.user:
            continue
        wanted = {"password": site.password}
        is_remote = host is not None and host.text not in LOCAL_HOSTS and "unix_socket" not in connection
        if is_remote and site.has_address:
            wanted |= {"host": site.db_host, "port": str(site.db_port)}
        for name, value in wanted.items():
            if name not in connection:
                raise PhpUnclear(f"a connection has no {name}")
            found = connection[name]
            is_number = len(found.value) == 1 and found.value[0].source.isdigit()
            if found.text is None and not is_number:
                raise PhpUnclear(f"the {name} of a connection is not one plain string")
            if (found.text or found.value[0].source) != value:
                replace(edits, found.value, format_string(value))
    return add_paths(edits, tokens, site)


def list_civicrm_edits(tokens: list[Token], site: NewSite) -> list[Edit]:
    """The edits of CiviCRM's data source names that are of the instance's own account."""
    edits: dict[int, Edit] = {}
    for name, value in list_defines(tokens):
        plain = value[0].value if len(value) == 1 else None
        parts = DSN.fullmatch(plain or "")
        if name.value not in DSN_NAMES or parts is None or plain is None:
            continue
        account, _, place = plain.split("://", 1)[1].rpartition("@")
        if account.split(":")[0] != site.user or place.split("/")[0].split(":")[0] in LOCAL_HOSTS:
            continue
        text = make_dsn(str(name.value), plain, site)
        if not site.has_address:
            text = f"{text.rpartition('@')[0]}@{place}"
        if text != plain:
            replace(edits, value, format_string(text))
    return add_paths(edits, tokens, site)

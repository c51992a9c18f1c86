"""What the settings of a restored site must name: the server, the directories and the host of where it will run."""

import dataclasses
from collections.abc import Mapping

from programs.run.environment import RestoreEnvironment, ServerAccess, read_server
from programs.run.failures import ProgramError
from programs.sets.manifest import Manifest
from programs.sites.copy_block import NewSite


def make_new_site(asked: RestoreEnvironment, env: Mapping[str, str], manifest: Manifest) -> NewSite | None:
    """What a copy must say of itself; None: the set goes back to where it came from."""
    return make_site(asked, asked.server or read_server(env), manifest) if asked.clone else None


def make_present_site(asked: RestoreEnvironment, env: Mapping[str, str], manifest: Manifest) -> NewSite | None:
    """Where the instance's own server and directories are now; None when that is not told."""
    if not (env.get("DB_HOST") or env.get("DB_SOCKET")):
        return None
    try:
        server = asked.server or read_server(env)
        return dataclasses.replace(make_site(asked, server, manifest), has_address=server.socket is None)
    except ProgramError:
        return None  # files alone, for a program that was given no server


def make_site(asked: RestoreEnvironment, server: ServerAccess, manifest: Manifest) -> NewSite:
    """The server, the directories and the host of where the set is restored."""
    return NewSite(
        user=server.user,
        password=server.password,
        db_host=server.host,
        db_port=server.port,
        site_host=asked.site_host or "",
        paths=tuple(
            (manifest.get_root(name), str(path)) for name, path in asked.trees.items() if name in manifest.trees
        ),
    )

"""Everything a restore may change, as values that compare."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from programs.databases.client import Client, quote_name
from programs.databases.inventory import Inventory, observe_inventory
from programs.run.environment import ServerAccess
from tests.programs.trees import Entry, describe_tree
from tests.programs.workspace import Workspace
from tests.servers import MariaDbServer


@dataclass(frozen=True)
class State:
    """Databases: objects with their hashes, hash of the rows of each table. Trees: every entry."""

    inventory: Inventory
    checksums: dict[str, str]
    sites: dict[bytes, Entry]
    private: dict[bytes, Entry]


def make_client(workspace: Workspace) -> Client:
    """A client as the programs make it."""
    databases = workspace.databases
    assert databases is not None
    access = ServerAccess(
        databases.server.host, databases.server.port, databases.user, databases.password, databases.names
    )
    return Client(access, scratch=workspace.home)


def compute_checksums(server: MariaDbServer, inventory: Inventory) -> dict[str, str]:
    """A hash of the rows of each table, in an order of their own: CHECKSUM TABLE differs between equal BIT columns."""
    sums = {}
    for database, live in inventory.items():
        for table in live.tables:
            rows = server.execute(f"SELECT * FROM {quote_name(database)}.{quote_name(table)}")
            text = "\n".join(sorted(repr(row) for row in rows))
            sums[f"{database}.{table}"] = hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
    return sums


def observe_state(workspace: Workspace) -> State:
    """The whole state now; the programs' own directories in a tree are left out."""
    databases = workspace.databases
    assert databases is not None
    inventory = observe_inventory(make_client(workspace))
    return State(
        inventory,
        compute_checksums(databases.server, inventory),
        describe_site(workspace.files),
        describe_site(workspace.private),
    )


def describe_site(root: Path) -> dict[bytes, Entry]:
    """A tree without what is not the site's."""
    own = (b".restore-", b".trash-", b"lost+found")
    return {path: entry for path, entry in describe_tree(root).items() if not path.startswith(own)}

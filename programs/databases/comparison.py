"""What a load made of a set, compared with its manifest: objects by their hashes, rows by number and by checksum."""

from collections.abc import Mapping

from programs.databases.client import Client, Vendor
from programs.databases.events import select_expired
from programs.databases.inventory import LiveDatabase, observe_inventory, observe_row_counts
from programs.databases.restless_views import list_restless
from programs.databases.snapshot import observe_checksums
from programs.run.failures import ProgramError
from programs.sets.manifest import Database


def check_loaded(client: Client, databases: Mapping[str, Database]) -> list[str]:
    """Raise ProgramError (``restore_differs``) unless the server holds the manifest's objects and rows, no event.
    Return what must be said of views."""
    inventory, told = observe_inventory(client), list[str]()
    for name in client.access.databases:
        live, expected = inventory[name], databases[name]
        compare(name, "tables", live.tables, {table: item.engine for table, item in expected.tables.items()})
        views = select_views(live, expected.views)
        for view in list_restless(client, name, select_other(views, expected.views)):
            views[view] = expected.views[view]
            told.append(f"the server tells the view {name}.{view} in other words with every load")
        compare(name, "views", views, expected.views)
        for kind in ("triggers", "routines", "sequences"):
            compare(name, kind, getattr(live, kind), getattr(expected, kind))
        compare(name, "events", live.events, {})
        # A checksum covers the number of rows too, but for those of the past.
        counted = [t for t, item in expected.tables.items() if item.checksum is None or t in live.versioned]
        rows = {table: str(number) for table, number in observe_row_counts(client, name, live, counted).items()}
        compare(name, "row counts", rows, {table: str(expected.tables[table].rows) for table in counted})
    return told


def check_values(client: Client, vendor: Vendor, databases: Mapping[str, Database]) -> None:
    """Raise ProgramError (``restore_differs``) unless the values of each table have the manifest's checksum."""
    checksums = observe_checksums(client, vendor, observe_inventory(client))
    for name in client.access.databases:
        tables = databases[name].tables.items()
        expected = {table: item.checksum for table, item in tables if item.checksum is not None}
        found = {table: value for table, value in checksums.get(name, {}).items() if table in expected}
        compare(name, "values", found, expected)


def check_events(client: Client, databases: Mapping[str, Database], dated: Mapping[str, set[str]]) -> list[str]:
    """Raise ProgramError (``restore_differs``) unless the server holds the manifest's events; return as
    `database.event` those of ``dated`` whose time is over."""
    inventory, expired = observe_inventory(client), []
    for name in client.access.databases:
        gone = select_expired(inventory[name], databases[name].events, dated=dated[name])
        expected = {event: body for event, body in databases[name].events.items() if event not in gone}
        found = inventory[name].events
        compare(name, "events", found, expected)
        expired += [f"{name}.{event}" for event in gone]
    return expired


def select_views(live: LiveDatabase, expected: Mapping[str, str]) -> dict[str, str]:
    """The hashes of the views: as told where that is the one expected (older sets), else without idle brackets."""
    told = live.views_as_told
    return {name: told[name] if told[name] == expected.get(name) else found for name, found in live.views.items()}


def select_other(found: Mapping[str, str], expected: Mapping[str, str]) -> list[str]:
    """The names that both have, with other hashes."""
    return sorted(name for name in found if name in expected and found[name] != expected[name])


def compare(database: str, what: str, found: Mapping[str, str], expected: Mapping[str, str]) -> None:
    """Raise ProgramError naming the first objects that differ."""
    if found == expected:
        return
    names = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    shown = ", ".join(names[:5])
    message = f"after the load the {what} of {database} are not those of the manifest: {shown}"
    params = {"database": database, "kind": what, "objects": shown}
    raise ProgramError("restore_differs", message, hint="read the log of the run", params=params)

"""Judge a restored copy: `python3 -m programs.consistency`, parameters as of programs.restore. Changes nothing.

Asked where a set was just restored, before anything else wrote: tables and rows are those of the set's manifest, every
foreign key holds, the tables without which there is no site are there and hold something, somebody may log in, and the
settings of Drupal and CiviCRM agree with each other and lead to this very server.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from programs.databases.client import Client, quote_name, quote_text
from programs.databases.foreign_keys import count_orphans, list_foreign_keys
from programs.databases.inventory import observe_inventory, observe_row_counts
from programs.run.environment import RestoreEnvironment, ServerAccess, read_restore_environment
from programs.run.failures import ProgramError, Summary, report_progress, run_program
from programs.sets.manifest import Database, Manifest, parse_manifest, read_manifest_bytes
from programs.sets.signing import check_signature
from programs.sites.agreement import find_disagreements

# Without these there is no site; an empty one is as bad as none.
KEY_TABLES = {
    "civicrm": ("civicrm_domain", "civicrm_setting", "civicrm_contact"),
    "drupal": ("users_field_data", "config"),
}
# Written by triggers when a copy's own settings are made harmless (programs/sites/sandbox.py).
GROWING_PREFIX = "log_"
SHOWN = 5


def check_counts(client: Client, expected: Mapping[str, Database]) -> tuple[int, int]:
    """Return tables and rows of the databases. Raise ProgramError (``restore_differs``) unless they are the manifest's;
    the tables of the log may hold more."""
    tables = rows = 0
    inventory = observe_inventory(client)
    for name in client.access.databases:
        live, wanted = inventory[name], expected[name].tables
        if set(live.tables) != set(wanted):
            odd = sorted(set(live.tables) ^ set(wanted))
            raise make_difference(
                f"{name}: {_shorten(odd)}", what="tables", expected=len(wanted), found=len(live.tables)
            )
        counts = observe_row_counts(client, name, live)
        for table, number in counts.items():
            grows = table.startswith(GROWING_PREFIX) and number > wanted[table].rows
            if number != wanted[table].rows and not grows:
                raise make_difference(f"{name}.{table}", what="rows", expected=wanted[table].rows, found=number)
        tables += len(counts)
        rows += sum(counts.values())
    return tables, rows


def check_foreign_keys(client: Client) -> int:
    """Return how many foreign keys hold. Raise ProgramError (``foreign_key_broken``) that names the first that does
    not: a load switches their checks off, so that only this tells."""
    keys = list_foreign_keys(client)
    for number, key in enumerate(keys, 1):
        orphans = count_orphans(client, key)
        if orphans:
            where = f"{key.database}.{key.table}"
            raise ProgramError(
                "foreign_key_broken",
                f"{orphans} rows of {where} name rows of {key.referenced_table} that are not there ({key.name})",
                hint="mend the original's data, and take another backup",
                params={"table": where, "key": key.name, "referenced": key.referenced_table, "rows": orphans},
            )
        report_progress(30 + 50 * number // len(keys), "checking the foreign keys")
    return len(keys)


def check_key_tables(client: Client) -> None:
    """Raise ProgramError (``key_table_missing``) unless the tables that make a site are there and not empty."""
    for database, tables in KEY_TABLES.items():
        if database not in client.access.databases:
            continue
        names = ", ".join(map(quote_text, tables))
        there = (
            f"FROM information_schema.TABLES WHERE TABLE_SCHEMA = {quote_text(database)} AND TABLE_NAME IN ({names})"
        )
        found = {row[0] for row in client.query(("TABLE_NAME",), there)}
        for table in tables:
            place = f"{quote_name(database)}.{quote_name(table)}"
            number = client.query(("COUNT(*)",), f"FROM {place}")[0][0] if table in found else "0"
            if not int(number or 0):
                raise ProgramError(
                    "key_table_missing",
                    f"{database}.{table} is {'empty' if table in found else 'missing'}",
                    hint="the data was damaged before the backup was taken: choose an older one",
                    params={"table": f"{database}.{table}"},
                )


def count_accounts(client: Client) -> int:
    """Return how many accounts may log in. Raise ProgramError (``nobody_may_log_in``) when none may."""
    if "drupal" not in client.access.databases:
        return 0
    rest = "FROM drupal.users_field_data WHERE uid > 0 AND status = 1 AND CHAR_LENGTH(pass) > 0"
    number = int(client.query(("COUNT(*)",), rest)[0][0] or 0)
    if not number:
        hint = "the data was damaged before the backup was taken: choose an older one"
        raise ProgramError("nobody_may_log_in", "no active account has a password", hint=hint)
    return number


def check_settings(server: ServerAccess, files_dir: Path, *, host: str) -> None:
    """Raise ProgramError (``settings_disagree``) unless both settings files say the same and lead to this server."""
    told = find_disagreements(files_dir / "default", server, host=host)
    if told:
        raise ProgramError(
            "settings_disagree",
            "; ".join(told[:SHOWN]),
            hint="correct the settings of the original, and take another backup",
            params={"reason": told[0]},
        )


def make_difference(where: str, *, what: str, expected: int, found: int) -> ProgramError:
    """The error of a copy that does not hold what the manifest says."""
    return ProgramError(
        "restore_differs",
        f"{where}: {what}: {found}, but {expected} in the manifest",
        hint="see the log",
        params={"database": where, "what": what, "expected": expected, "found": found},
    )


def read_signed_manifest(asked: RestoreEnvironment) -> Manifest:
    """Return the set's manifest. Raise ProgramError."""
    data = read_manifest_bytes(asked.set_dir)
    manifest = parse_manifest(data)
    check_signature(data, key=asked.manifest_key)
    return manifest


def main(env: Mapping[str, str]) -> Summary:
    """Judge the copy of the set that the environment names; return figures."""
    asked = read_restore_environment(env)
    manifest = read_signed_manifest(asked)
    assert asked.server is not None, "SCOPE is full"
    with tempfile.TemporaryDirectory(dir=asked.work_dir) as scratch:
        client = Client(asked.server, scratch=Path(scratch))
        report_progress(5, "counting rows")
        tables, rows = check_counts(client, manifest.databases)
        check_key_tables(client)
        accounts = count_accounts(client)
        keys = check_foreign_keys(client)
    report_progress(85, "reading the settings")
    if asked.trees.settings_dir is not None:
        check_settings(asked.server, asked.trees.settings_dir, host=asked.site_host or "")
    files = sum(tree.files for tree in manifest.trees.values())
    return {"tables": tables, "rows": rows, "foreign_keys": keys, "accounts": accounts, "files": files}


def _shorten(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


if __name__ == "__main__":
    sys.exit(run_program(main))

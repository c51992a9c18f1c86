"""What the demo writes, breaks and compares inside an instance: rows through the database, files in the volumes."""

import hashlib
import os
import random
from dataclasses import dataclass
from pathlib import Path

import mysql.connector
from django.conf import settings

from domain.errors import NotFound
from domain.specs import DATABASE_USER, DATABASES, Endpoint
from engine.database_client import TenantDatabase
from engine.registry import get_engine
from tenants.models import Instance
from tenants.specs import ensure_secrets

# Written by the cron at any minute: not part of what a restore must bring back to the byte.
CRON_TABLES = {"civicrm.civicrm_job", "civicrm.civicrm_job_log", "civicrm.civicrm_cache"}
# Compiled templates: a restore empties them, CiviCRM makes them again.
CACHE_FOLDER = "templates_c"
CONTACTS = 400
FILES = 40
FIRST_NAMES = ("Anne", "Frédéric", "Élise", "Jean-Luc", "Gisèle", "Noël", "Zoé", "Théo")
LAST_NAMES = ("Müller", "Schmitt", "Weiss", "d’Arc", "Lévy", "Muller-Koch", "Œrtel", "Straßburger 😀")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an instance holds. `tables`: "database.table" -> (rows, checksum); `objects`: views, triggers, routines,
    events; `files`: path -> sha256 of the bytes, or the link's target."""

    tables: dict[str, tuple[int, int | None]]
    objects: frozenset[str]
    files: dict[str, str]

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(rows for rows, _ in self.tables.values())


def read_fingerprint(instance: Instance) -> Fingerprint:
    """Read every row and every file of a running instance."""
    database = TenantDatabase(_find_endpoint(instance), DATABASE_USER, ensure_secrets(instance).db_password)
    tables: dict[str, tuple[int, int | None]] = {}
    objects = set()
    for name in DATABASES:
        counts, sums = database.count_rows(name), database.compute_checksums(name)
        tables |= {f"{name}.{table}": (counts[table], sums[table]) for table in counts}
        held = database.read_inventory(name)
        objects |= {f"{name} {item}" for item in (*held.views, *held.triggers, *held.routines, *held.events)}
    return Fingerprint(
        tables={table: value for table, value in tables.items() if table not in CRON_TABLES},
        objects=frozenset(objects),
        files=_hash_files(instance),
    )


def describe_differences(expected: Fingerprint, actual: Fingerprint) -> list[str]:
    """Return one line for each table, object or file that differs; empty when all is the same."""
    lines = []
    for what, before, after in (("table", expected.tables, actual.tables), ("file", expected.files, actual.files)):
        for name in sorted(before.keys() | after.keys()):
            old, new = before.get(name, "absent"), after.get(name, "absent")
            if old != new:
                lines.append(f"{what} {name}: {old} -> {new}")
    return lines + [f"object {name}" for name in sorted(expected.objects ^ actual.objects)]


def write_data(instance: Instance, *, seed: int) -> None:
    """Add contacts with their mails and phones (triggers log them), and uploads in both volumes."""
    chance = random.Random(seed)
    with _connect(instance) as connection:
        cursor = connection.cursor()
        for number in range(CONTACTS):
            first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
            cursor.execute(
                "INSERT INTO civicrm.civicrm_contact (contact_type, display_name, sort_name, first_name, last_name)"
                " VALUES ('Individual', %s, %s, %s, %s)",
                (f"{first} {last}", f"{last}, {first}", first, last),
            )
            cursor.execute(
                "INSERT INTO civicrm.civicrm_email (contact_id, email, is_primary) VALUES (%s, %s, 1)",
                (cursor.lastrowid, f"membre{number}.{seed % 10_000_019}@example.org"),
            )
        connection.commit()
    for number in range(FILES):
        folder = _find_tree(instance, "files" if number % 2 else "private") / "demo"
        folder.mkdir(exist_ok=True)
        (folder / f"pièce jointe {number}.bin").write_bytes(chance.randbytes(chance.randrange(200_000)))
        _give_to_account(folder)


def is_damaged(instance: Instance) -> bool:
    """Return whether the table that `damage` drops is missing."""
    database = TenantDatabase(_find_endpoint(instance), DATABASE_USER, ensure_secrets(instance).db_password)
    return "civicrm_email" not in database.read_inventory("civicrm").tables


def damage(instance: Instance) -> list[str]:
    """Break the instance as an accident would; return what was done, a line each."""
    with _connect(instance) as connection:
        cursor = connection.cursor()
        cursor.execute("DROP TABLE civicrm.civicrm_email")
        cursor.execute("DELETE FROM civicrm.civicrm_activity")
        cursor.execute("CREATE TABLE drupal.left_by_an_intruder (id INT)")
        connection.commit()
    gone = [path for path in (_find_tree(instance, "files") / "demo").iterdir()]
    for path in gone:
        path.unlink()
    return ["dropped the table civicrm_email", "added a table of its own", f"deleted {len(gone)} uploaded files"]


def _find_endpoint(instance: Instance) -> Endpoint:
    endpoint = get_engine(instance.engine).observe(instance.identifier).database
    if endpoint is None:
        raise NotFound(what="database server", name=instance.identifier)
    return endpoint


def _find_tree(instance: Instance, name: str) -> Path:
    return settings.LOCAL_ENGINE_ROOT / "instances" / instance.identifier / name


def _connect(instance: Instance) -> mysql.connector.pooling.PooledMySQLConnection:
    endpoint = _find_endpoint(instance)
    return mysql.connector.connect(
        host=endpoint.host,
        port=endpoint.port,
        user=DATABASE_USER,
        password=ensure_secrets(instance).db_password,
        use_pure=True,
        connection_timeout=10,
    )


def _give_to_account(folder: Path) -> None:
    """Give what root wrote to the account that owns the volume."""
    if os.geteuid() == 0:
        owner = folder.parent.stat()
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner.st_uid, owner.st_gid)


def _hash_files(instance: Instance) -> dict[str, str]:
    hashes = {}
    for tree in ("files", "private"):
        root = _find_tree(instance, tree)
        for path in sorted(root.rglob("*")):
            if CACHE_FOLDER in path.parts:
                continue
            name = f"{tree}/{path.relative_to(root)}"
            if path.is_symlink():
                hashes[name] = f"-> {path.readlink()}"
            elif path.is_file():
                hashes[name] = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return hashes

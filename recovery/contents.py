"""What an archive of the manager holds beside its database: keys and the settings it was started with."""

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from civiparoisse.env import list_given
from recovery.archive import KEYS, SETTINGS, is_allowed

PRODUCT = "civiparoisse-manager"
# Rows that say only that the manager lives, or what can be looked up again: when they change, nothing has.
FLEETING = frozenset(
    {
        "operations_pulse",
        "django_session",
        "watch_sighting",
        "watch_look",
        "watch_problem",
        "watch_message",
        "axes_accessattempt",
        "axes_accesslog",
        "axes_accessfailurelog",
        "axes_accessattemptexpiration",
        "recovery_managerarchive",
        "recovery_managercopy",
        "parish_site_signin",
        "parish_site_doorsession",
        "parish_site_attempt",
    }
)


def collect_keys() -> dict[str, bytes]:
    """Return every key of the manager as a part of an archive: those that it uses, and what else lies with them."""
    folder = Path(settings.STATE_FOLDER) / "keys"
    files = sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []
    parts = {f"{KEYS}{path.name}": path.read_bytes() for path in files if is_allowed(f"{KEYS}{path.name}")}
    # What came by the environment lies in no file.
    used = {"secret_key": settings.SECRET_KEY, "field_keys": settings.FIELD_KEYS}
    return parts | {f"{KEYS}{name}": f"{text}\n".encode() for name, text in used.items()}


def collect_settings() -> dict[str, bytes]:
    """Return the environment's settings as a part of an archive: the person who restores is told of them."""
    return {SETTINGS: json.dumps(list_given(), sort_keys=True, indent=1).encode()}


def compute_mark(tables: Mapping[str, tuple[int, str]], parts: Mapping[str, bytes]) -> str:
    """Return one sum of all that matters: it is another one exactly when something has changed."""
    lasting = {name: facts for name, facts in tables.items() if name not in FLEETING}
    hashed = {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}
    return hashlib.sha256(json.dumps([lasting, hashed], sort_keys=True).encode()).hexdigest()


def describe_versions() -> dict[str, str]:
    """Return what made the archive."""
    database = f"{connection.vendor} {'.'.join(map(str, connection.get_database_version()))}"
    try:
        own = version(PRODUCT)
    except ModuleNotFoundError:  # a checkout that is not installed
        own = "checkout"
    return {
        "civiparoisse": own,
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": database,
        "system": sys.platform,
    }


def list_migrations() -> dict[str, list[str]]:
    """Return the names of the migrations that were applied, by application."""
    applied: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        applied.setdefault(app, []).append(name)
    return applied

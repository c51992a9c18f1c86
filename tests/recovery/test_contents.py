"""recovery.contents: every key is in the archive, no secret among the settings, and a change changes the mark."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from recovery.contents import (
    FLEETING,
    collect_keys,
    collect_settings,
    compute_mark,
    describe_versions,
    list_migrations,
)

TABLES = {"tenants_tenant": (2, "a"), "operations_pulse": (3, "b")}


def test_keys_of_files_and_of_the_environment_are_collected(state: Path) -> None:
    (state / "keys").mkdir()
    (state / "keys" / "redis_url").write_text("redis://secret\n")
    (state / "keys" / "secret_key").write_text("an older one\n")
    (state / "keys" / "not.a.key").write_text("left out")
    parts = collect_keys()
    assert sorted(parts) == ["keys/field_keys", "keys/redis_url", "keys/secret_key"]
    assert parts["keys/secret_key"] == f"{settings.SECRET_KEY}\n".encode()
    assert parts["keys/field_keys"].decode().strip() == settings.FIELD_KEYS.strip()


def test_settings_hold_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVIPAROISSE_PARISH_DOMAIN", "uepal.example")
    monkeypatch.setenv("CIVIPAROISSE_MYSQL_PASSWORD", "hidden word")
    monkeypatch.setenv("CIVIPAROISSE_REDIS_URL", "redis://:hidden word@host")
    text = collect_settings()["settings.json"].decode()
    assert "uepal.example" in text and "hidden word" not in text and settings.FIELD_KEYS not in text


def test_the_mark_changes_with_rows_and_keys_and_not_with_a_pulse() -> None:
    mark = compute_mark(TABLES, {"keys/field_keys": b"x"})
    assert compute_mark({**TABLES, "operations_pulse": (4, "c")}, {"keys/field_keys": b"x"}) == mark
    assert compute_mark({**TABLES, "tenants_tenant": (2, "c")}, {"keys/field_keys": b"x"}) != mark
    assert compute_mark(TABLES, {"keys/field_keys": b"y"}) != mark
    assert compute_mark(TABLES, {"keys/field_keys": b"x", "keys/redis_url": b""}) != mark


@pytest.mark.django_db
def test_what_made_it_is_told() -> None:
    assert describe_versions()["database"].startswith("sqlite ")
    assert "0001_initial" in list_migrations()["tenants"]


@pytest.mark.django_db
def test_the_fleeting_tables_are_there() -> None:
    assert FLEETING <= set(connection.introspection.table_names())

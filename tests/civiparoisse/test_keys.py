"""Key files are made once, private, and never replaced."""

from pathlib import Path

from civiparoisse.keys import ensure_key_files, ensure_private_places
from tenants.encryption import KeyRing


def test_new_key_files_are_private_and_usable(tmp_path: Path) -> None:
    ensure_key_files(tmp_path)
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {
        "secret_key": 0o600,
        "field_keys": 0o600,
    }
    ring = KeyRing((tmp_path / "keys" / "field_keys").read_text())
    assert ring.decrypt(ring.encrypt("mot de passe")) == "mot de passe"


def test_existing_keys_are_kept(tmp_path: Path) -> None:
    ensure_key_files(tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    ensure_key_files(tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before


def test_nobody_else_reads_the_database_the_logs_or_the_messages(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir(mode=0o755)
    (tmp_path / "manager.sqlite3").write_bytes(b"rows")
    (tmp_path / "manager.sqlite3-wal").touch(mode=0o644)
    ensure_private_places(tmp_path)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"services": 0o700, "broker": 0o700, "manager.sqlite3": 0o600, "manager.sqlite3-wal": 0o600}
    assert (tmp_path / "manager.sqlite3").read_bytes() == b"rows"

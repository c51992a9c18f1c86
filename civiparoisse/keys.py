"""Make the key files and the private places of an installation: `python -m civiparoisse.keys`. Existing keys are never
touched."""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from civiparoisse.places import BASE_DIR, RECORD, STATE_DIR, STATE_HOME, compute_checkout_name, is_checkout


def ensure_key_files(state_dir: Path) -> None:
    """Create state_dir/keys/{secret_key,field_keys} (0600) where missing.

    `field_keys` holds one `key_id:fernet_key` a line; the first encrypts, all decrypt.
    """
    folder = state_dir / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _create(folder / "secret_key", secrets.token_urlsafe(48))
    _create(folder / "field_keys", f"k1:{Fernet.generate_key().decode()}")


def ensure_private_places(state_dir: Path) -> None:
    """Let nobody else read the database (parishes' addresses), the logs or the messages. The state directory itself
    stays open: the instances' account passes through it."""
    for name in ("services", "broker"):
        folder = state_dir / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    # SQLite gives its journals the mode of the database.
    for path in (state_dir / "manager.sqlite3", *state_dir.glob("manager.sqlite3-*")):
        path.touch(mode=0o600)
        path.chmod(0o600)


def _create(path: Path, content: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as stream:
        stream.write(content + "\n")


def prepare_state() -> None:
    """Make what this installation needs before its settings can be read."""
    ensure_key_files(STATE_DIR)
    ensure_private_places(STATE_DIR)
    if is_checkout(BASE_DIR) and STATE_DIR.parent == STATE_HOME:
        record_state_name(BASE_DIR, STATE_DIR.name)


def record_state_name(base_dir: Path, name: str) -> None:
    """Let a checkout remember its state directory, so that it finds it again after it was moved."""
    record = base_dir / RECORD
    if name == compute_checkout_name(base_dir) and not record.exists():
        record.write_text(f"{name}\n")


if __name__ == "__main__":
    prepare_state()

"""The demo's account of an administrator."""

import os
import secrets
from pathlib import Path

from django.contrib.auth import get_user_model

from civiparoisse.places import STATE_DIR


def ensure_admin() -> Path:
    """Create the admin account once, with a random password kept in a private file; return the file."""
    path = STATE_DIR / "keys" / "admin_password"
    users = get_user_model().objects
    if path.exists() and users.filter(username="admin").exists():
        return path
    password = secrets.token_urlsafe(12)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(password + "\n")
    users.filter(username="admin").delete()
    users.create_superuser("admin", "admin@example.org", password)
    return path

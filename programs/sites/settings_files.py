"""The two settings files of a site: where they are in a tree, read whole, written with their modes."""

import os
from pathlib import Path

from programs.run.failures import ProgramError

MAX_BYTES = 1 << 20


def read_settings(path: Path) -> str:
    """Return a settings file's text. Raise ProgramError (``settings_missing``)."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
        name = f"{path.parent.name}/{path.name}"
        raise ProgramError(
            "settings_missing",
            f"the set has no {name}, or one that is not a plain file",
            hint="a copy needs both settings files, to be given its own credentials",
            params={"file": name},
        )
    return path.read_bytes().decode("utf-8", "surrogateescape")


def write_in_place(path: Path, data: bytes) -> None:
    """Replace a file's contents; owner and mode stay, also where the owner may not write (Drupal's 0444)."""
    mode = path.stat().st_mode
    os.chmod(path, mode | 0o200)
    path.write_bytes(data)
    os.chmod(path, mode)

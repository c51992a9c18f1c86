"""How a set goes from a volume: it loses its name first, in one system call, and nobody may be reading it."""

import shutil
from pathlib import Path

from programs.run.durable import sync_directory
from programs.sets.holding import claim_set

TRASH = ".trash-"


def take_name(path: Path, trash: Path) -> bool:
    """Take its name from a set unless somebody reads it; return whether that was done."""
    with claim_set(path) as is_free:
        if is_free:
            path.rename(trash)
            sync_directory(path.parent)
    return is_free


def remove_trash(backups_dir: Path) -> None:
    """Remove every set that has lost its name."""
    for path in sorted(backups_dir.glob(f"{TRASH}*")):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()

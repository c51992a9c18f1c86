"""Before UEPAL's `init` image: `python3 -m programs.prepare`. Gives it the empty directories that it wants.

That image makes an instance only where both of its directories are empty, and leaves at once, well, where they are not
(docs/traps.md#half-failed-init): what a killed init left would be taken for an instance for ever. So a marker is
written on the volume before the first init, and removed once its result was proven (programs/inspect.py). While it is
there, what is in the directories was begun by an init and never proven: it is removed. Without it nothing is ever
removed.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from programs.run.durable import sync_directory, write_atomically
from programs.run.environment import make_environment_error
from programs.run.failures import Summary, report_progress, run_program


def list_content(directories: tuple[Path, ...]) -> list[Path]:
    """Everything in the directories; those that are not there are empty."""
    return [path for directory in directories if directory.is_dir() for path in sorted(directory.iterdir())]


def prepare(directories: tuple[Path, ...], marker: Path) -> tuple[bool, int]:
    """Return (whether an init may now begin, how many entries of a former one were removed)."""
    content = list_content(directories)
    if not marker.exists():
        if content:
            return False, 0
        write_atomically(marker, b"an init began and was not proven yet\n")
        return True, 0
    for path in content:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    for directory in directories:
        if directory.is_dir():
            sync_directory(directory)
    return True, len(content)


def read_paths(env: Mapping[str, str]) -> tuple[tuple[Path, ...], Path]:
    """INIT_DIRS and MARKER_FILE, all absolute, the marker in none of the directories. Raise ProgramError."""
    directories = tuple(Path(text) for text in (env.get("INIT_DIRS") or "").split())
    marker = Path(env.get("MARKER_FILE") or "")
    if not directories or not all(path.is_absolute() and len(path.parts) > 2 for path in directories):
        raise make_environment_error("INIT_DIRS", "absolute paths of directories below a volume, between spaces")
    below = [path for path in directories if marker.is_relative_to(path)]
    if not marker.is_absolute() or below or not os.path.isdir(marker.parent):
        raise make_environment_error("MARKER_FILE", "the absolute path of a file beside the directories")
    return directories, marker


def main(env: Mapping[str, str]) -> Summary:
    """Prepare the directories of the environment."""
    ready, removed = prepare(*read_paths(env))
    report_progress(100, "the directories are empty" if ready else "there is an instance already")
    return {"empty": ready, "removed": removed}


if __name__ == "__main__":
    sys.exit(run_program(main))

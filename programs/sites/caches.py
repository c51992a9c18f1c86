"""Files of a restored site that are made from others and may be stale: they are emptied, never the data.

CiviCRM: compiled templates and containers (guide "switch-servers"). Drupal: aggregated style sheets and scripts.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from programs.archive.swap import delete_tree

KEPT_IN_TEMPLATES = {".htaccess", "index.html"}
AGGREGATE = re.compile(r"(?:css|js)_[\w-]+\.(?:css|js)(?:\.gz|\.br)?")


def list_stale(staged: Path) -> Iterator[Path]:
    """Paths to delete in a staged tree of sites."""
    for site in sorted(path for path in staged.iterdir() if path.is_dir() and not path.is_symlink()):
        files = site / "files"
        for path in list_directory(files / "civicrm" / "templates_c"):
            if path.name not in KEPT_IN_TEMPLATES:
                yield path
        for path in list_directory(files / "civicrm" / "ConfigAndLog"):
            if path.name == "Config.IDS.ini":
                yield path
        for name in ("css", "js"):
            for path in list_directory(files / name):
                if AGGREGATE.fullmatch(path.name) and not path.is_dir():
                    yield path


def list_directory(path: Path) -> list[Path]:
    """Entries of a directory that is reached without a link; none if it is not there."""
    inside = [path, *path.parents[:3]]
    if any(part.is_symlink() for part in inside) or not path.is_dir():
        return []
    return sorted(path.iterdir())


def empty_site_caches(staged: Path) -> None:
    """Delete the stale files of a staged tree of sites."""
    for path in list_stale(staged):
        if path.is_dir() and not path.is_symlink():
            delete_tree(path)
        else:
            path.unlink()

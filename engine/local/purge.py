"""Remove an instance: processes first, then files, then cgroups and ports. May be repeated after being killed."""

import os
import stat
from pathlib import Path

from engine.local.layout import Layout
from engine.local.limits import list_groups, remove_group
from engine.local.own_accounts import end_account, release_account
from engine.local.ports import release_ports
from engine.local.processes import find_processes, kill_all
from engine.local.servers import list_job_names, list_processes_of


def purge(layout: Layout, *, keep_backups: bool) -> None:
    """Remove all of the instance, backup sets too unless `keep_backups`. The caller holds its lock."""
    names = ["db", "httpd", *list_job_names(layout)]
    for name in names:
        kill_all(lambda name=name: list_processes_of(layout, name), layout.identifier)  # type: ignore[misc]
    kill_all(lambda: find_processes(str(layout.directory)), layout.identifier)
    end_account(layout)
    if layout.directory.is_dir():
        # config holds what is desired: gone first, nothing wants the instance back while the rest goes.
        for path in sorted(layout.directory.iterdir(), key=lambda path: path.name != "config"):
            if path.name != "backups" or not keep_backups:
                remove_tree(path)
        if not keep_backups or not any(layout.directory.iterdir()):
            layout.directory.rmdir()
    if layout.run.is_dir():
        remove_tree(layout.run)
    for group in list_groups(layout.root, layout.identifier):
        remove_group(layout.root, group.name)
    release_ports(layout.root, layout.identifier)
    if not layout.directory.exists():
        release_account(layout)  # a kept backup is still its own


def remove_tree(path: Path) -> None:
    """Remove a file or a whole directory, whatever modes its owner left; links are never followed."""
    if not path.is_symlink() and path.is_dir():
        with os.scandir(_make_open(path)) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    remove_tree(Path(entry.path))
                else:
                    os.unlink(entry.path)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def _make_open(directory: Path) -> Path:
    """Give its owner the right to empty a directory; root needs none."""
    if os.geteuid() != 0 and stat.S_IMODE(directory.lstat().st_mode) & 0o700 != 0o700:
        directory.chmod(0o700)
    return directory

"""Exchange the contents of a volume for a staged tree, so that a kill leaves something that can be finished.

The root of a volume is a mount point and cannot be renamed (EBUSY), so its entries are, one by one: the old
one into ``.trash-<id>``, the new one from ``.restore-<id>/tree`` into its place. A journal written first, in
``.restore-<id>``, is the point of no return: with it the exchange is finished by whoever comes next, without
it the staged tree is only left over and is deleted.
"""

import fcntl
import json
import os
import stat
import struct
from itertools import count
from pathlib import Path

from programs.archive.members import is_own_directory
from programs.run.durable import sync_directory, sync_file_system, write_atomically
from programs.run.failures import ProgramError
from programs.run.streams import run_command

JOURNAL = "journal.json"
PREPARED = "prepared.json"
TREE = "tree"
DELETE_SECONDS = 3600.0
FS_IOC_GETFLAGS = 0x80086601  # ioctl_iflags(2)
FROZEN_FLAGS = 0x10 | 0x20  # FS_IMMUTABLE_FL, FS_APPEND_FL


def make_staging_path(root: Path, backup_id: str) -> Path:
    """Return where the new tree is extracted, inside the volume."""
    return root / f".restore-{backup_id}" / TREE


def make_staging(root: Path, backup_id: str) -> Path:
    """Create the empty directory for the new tree and return it."""
    path = make_staging_path(root, backup_id)
    path.parent.mkdir(mode=0o700, exist_ok=True)  # an earlier one may not have gone whole
    if path.exists():
        os.rename(path, path.parent / f"{TREE}-{os.urandom(4).hex()}")
    path.mkdir(mode=0o700)
    return path


def list_entries(root: Path) -> list[str]:
    """Return the names of a volume's top level that belong to the site, sorted."""
    return sorted(name for name in os.listdir(root) if not is_own_directory(os.fsencode(name)))


def settle_tree(root: Path) -> list[str]:
    """Finish the exchange a killed restore began here, or delete what it staged. Return what must be said of it."""
    told = []
    for directory in sorted(root.glob(".restore-*")):
        if is_own_directory(os.fsencode(directory.name)) and (directory / JOURNAL).exists():
            told.append(f"an earlier restore was killed while exchanging {root}: finished first")
            finish_swap(root, directory.name.removeprefix(".restore-"))
    return told + delete_leftovers(root)


def forget_staged(root: Path) -> None:
    """Delete what was staged, unless an exchange has begun: that is finished, not forgotten. What does not go is left
    to the next restore."""
    if not any((directory / JOURNAL).exists() for directory in root.glob(".restore-*")):
        delete_leftovers(root)


def check_entries(root: Path) -> None:
    """Raise ProgramError (``nested_mount``, ``unmovable``) if an entry of the volume cannot be exchanged."""
    device = os.stat(root).st_dev
    if not os.access(root, os.W_OK):
        raise make_unmovable(root, "this account may not write in it")
    for name in list_entries(root):
        reason = find_hindrance(root, name)
        if reason is not None:
            raise make_unmovable(root / name, reason)
        if os.lstat(root / name).st_dev != device or os.path.ismount(root / name):
            message = f"{root / name} is a mount point of its own and cannot be exchanged"
            raise ProgramError("nested_mount", message, hint="unmount it, or restore only the databases")


def find_hindrance(root: Path, name: str) -> str | None:
    """Why an entry of a directory cannot be moved by this account, None if it can (rename(2), chattr(1))."""
    status, above = os.lstat(root / name), os.stat(root)
    if read_flags(root / name, status) & FROZEN_FLAGS:
        return "it is immutable or append-only"
    account = os.geteuid()
    if account == 0:
        return None
    if above.st_mode & stat.S_ISVTX and account not in (status.st_uid, above.st_uid):
        return "it belongs to another account, in a directory where only owners may move"
    # The ".." of a directory is written when it moves; of its own, this account may change the mode (see `move`).
    if stat.S_ISDIR(status.st_mode) and status.st_uid != account and not may_write(root / name, status):
        return "it is a directory of another account"
    return None


def may_write(path: Path, status: os.stat_result) -> bool:
    """Whether this account may write in a directory. One that is mounted to be read alone, as in a backup, says nothing
    of the restore: then the mode does."""
    if os.access(path, os.W_OK):
        return True
    if not os.statvfs(path).f_flag & os.ST_RDONLY:
        return False
    groups = {os.getegid(), *os.getgroups()}
    bit = stat.S_IWGRP if status.st_gid in groups else stat.S_IWOTH
    return bool(status.st_mode & (stat.S_IWUSR if status.st_uid == os.geteuid() else bit))


def read_flags(path: Path, status: os.stat_result) -> int:
    """The inode flags of a file or directory, 0 where its file system has none."""
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return 0
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        return int(struct.unpack("I", fcntl.ioctl(descriptor, FS_IOC_GETFLAGS, bytes(8))[:4])[0])
    except OSError:
        return 0
    finally:
        os.close(descriptor)


def make_unmovable(path: Path, reason: str) -> ProgramError:
    """The error of an entry that would stop an exchange half-way."""
    message = f"{path} cannot be exchanged: {reason}"
    hint = "give it to the account of the site (chown), or take its flags away (chattr -i -a), then restore again"
    return ProgramError("unmovable", message, hint=hint, params={"entry": str(path)})


def prepare_swap(root: Path, backup_id: str) -> None:
    """Write what the exchange of a staged tree needs, its journal aside and the place for what is replaced.

    The exchange itself only renames: on a full volume this fails, before anything is touched."""
    staged = make_staging_path(root, backup_id)
    status = os.stat(staged)
    modes = {name: os.lstat(staged / name).st_mode for name in os.listdir(staged)}
    document = {
        "entries": {name: stat.S_IMODE(mode) for name, mode in modes.items() if stat.S_ISDIR(mode)},
        "others": [name for name, mode in modes.items() if not stat.S_ISDIR(mode)],
        "mode": stat.S_IMODE(status.st_mode),
        "mtime_ns": status.st_mtime_ns,
    }
    make_place(make_trash_path(root, backup_id), 0)
    write_atomically(staged.parent / PREPARED, json.dumps(document).encode())


def begin_swap(root: Path, backup_id: str) -> None:
    """Let the journal count: from here the exchange will be finished, by this run or by a later one."""
    directory = make_staging_path(root, backup_id).parent
    sync_file_system(root)  # the staged files are on disk before the promise that they are
    os.rename(directory / PREPARED, directory / JOURNAL)
    sync_directory(directory)


def finish_swap(root: Path, backup_id: str) -> list[str]:
    """Do whatever the journal still asks for; may be repeated after a kill at any point. Return what must be said: the
    new tree is in its place, so what cannot be deleted of the old one is no failure."""
    staged = make_staging_path(root, backup_id)
    journal = json.loads((staged.parent / JOURNAL).read_bytes())
    trash = make_trash_path(root, backup_id)
    new = {*journal["entries"], *journal["others"]}
    for name in sorted(new):
        if os.path.lexists(staged / name):
            discard(root / name, trash)
            move(staged / name, root / name)
        if name in journal["entries"]:
            os.chmod(root / name, journal["entries"][name])
    for name in list_entries(root):
        if name not in new:
            discard(root / name, trash)
    apply_root_attributes(root, mode=journal["mode"], mtime_ns=journal["mtime_ns"])
    for directory in (root, staged, *([trash] if trash.exists() else [])):
        sync_directory(directory)
    (staged.parent / JOURNAL).unlink()
    sync_directory(staged.parent)
    told = delete_leftovers(root)
    apply_root_attributes(root, mode=journal["mode"], mtime_ns=journal["mtime_ns"])
    return told


def apply_root_attributes(root: Path, *, mode: int, mtime_ns: int) -> None:
    """Give the root of the volume the mode and time of the backup's, where its owner allows it."""
    try:
        if stat.S_IMODE(os.stat(root).st_mode) != mode:
            os.chmod(root, mode)
        os.utime(root, ns=(mtime_ns, mtime_ns))
    except PermissionError:
        pass  # the root of a Kubernetes volume belongs to root; what is in it is what was restored


def discard(path: Path, trash: Path) -> None:
    """Move an entry, if it is there, into the trash, under a name that is free."""
    if not os.path.lexists(path):
        return
    for number in count():
        place = make_place(trash, number)
        if not os.path.lexists(place / path.name):
            move(path, place / path.name)
            return


def make_trash_path(root: Path, backup_id: str) -> Path:
    """Return where the old entries go, inside the volume."""
    return root / f".trash-{backup_id}"


def make_place(trash: Path, number: int) -> Path:
    """Create a directory of the trash unless it is there, and return it."""
    place = trash / str(number)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def move(source: Path, target: Path) -> None:
    """Rename; a directory that its owner may not write (Drupal's sites/default) is made writable for it."""
    try:
        os.rename(source, target)
    except PermissionError:
        if source.is_symlink() or not source.is_dir():
            raise
        os.chmod(source, stat.S_IMODE(os.stat(source).st_mode) | stat.S_IWUSR)
        os.rename(source, target)


def delete_leftovers(root: Path) -> list[str]:
    """Delete the staged trees and the trash of every restore in this volume; may be repeated. Return what must be said
    of what cannot be deleted."""
    told = []
    for name in sorted(os.listdir(root)):
        if not is_own_directory(os.fsencode(name)) or name == "lost+found":
            continue
        try:
            delete_tree(root / name)
        except ProgramError as error:
            told.append(f"{root / name} cannot be deleted: as root, chattr -R -ia it and rm -rf it ({error.message})")
    return told


def delete_tree(path: Path) -> None:
    """Delete a directory of any depth and of any modes, without following a link. Raise ProgramError."""
    # Directories only: files of another owner cannot be given modes, and need none to be deleted. One by one, each
    # before it is entered.
    chmod = ["-type", "d", "!", "-perm", "-u=rwx", "-exec", "chmod", "u+rwx", "{}", ";"]
    try:
        run_command(["find", os.path.abspath(path), *chmod], timeout_seconds=DELETE_SECONDS)
    except ProgramError:
        pass  # a directory of another account: what is not in it goes all the same
    run_command(["rm", "-rf", "--", str(path)], timeout_seconds=DELETE_SECONDS)

"""Write the members of an archive below one fresh directory, without ever following a link.

The archive is read and judged by the same code as the check (programs/archive/members.py), and every path is walked
from a directory handle with O_NOFOLLOW: even an archive that changed after its check cannot write outside.
"""

import errno
import os
import stat
import struct
from typing import BinaryIO

from programs.archive.members import MemberChecker, MemberCounts, make_link_target, move_link
from programs.archive.tar_fields import format_name
from programs.archive.tar_format import Member, MemberKind, TarReader
from programs.run.failures import ProgramError

DIRECTORY_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
FILE_MODE_BITS = 0o777
ACCESS_LIST = "system.posix_acl_access"
ACL_GROUP_OBJ, ACL_MASK = 0x04, 0x10
DIRECTORY_MODE_BITS = 0o3777  # set-group-id is how a volume shares its files with the web server's group


def extract_tree(
    stream: BinaryIO, target: str, *, origin: str = "", root: str = "", notes: list[str] | None = None
) -> MemberCounts:
    """Extract a plain tar stream into ``target``, an empty directory, and return what it holds.

    Modes, times and attributes are kept; owners only when running as root. Symbolic links are made last: absolute ones
    are moved from ``origin``, where the tree was, to ``root``, where it will be; those that lead out of the tree are
    only made where the tree that is at ``root`` now has the very same. ``notes`` takes what could not be kept. Raise
    ProgramError (``hostile_archive``, or ``no_space`` and ``extract_failed`` when the file system refuses).
    """
    reader, checker = TarReader(stream), MemberChecker(root=origin)
    with Writer(target) as writer:
        for member in reader:
            path = checker.add(member)
            try:
                writer.write(member, path, reader)
            except OSError as error:
                raise make_write_error(error, member.name) from error
        counts = checker.finish(data_bytes=reader.data_bytes)
        left_out = [path for path in counts.outside if not writer.is_there(path, root=root)]
        writer.write_links(left_out=frozenset(left_out), origin=origin, root=root)
        writer.finish()
        if notes is not None and left_out:
            notes.append(f"{len(left_out)} symbolic links that lead out of the tree: {format_name(left_out[0])}")
        if notes is not None and writer.unkept:
            notes.append(f"{writer.unkept} attributes or access control lists of files: this file system takes none")
    return counts


def make_write_error(error: OSError, name: bytes) -> ProgramError:
    """Return the error for a member the file system would not take."""
    shown = format_name(name)
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return ProgramError(
        code="no_space" if full else "extract_failed",
        message=f"“{shown}” could not be written: {os.strerror(error.errno or errno.EIO)}.",
        hint="Enlarge the volume, then restore again." if full else "Look at the volume, then restore again.",
        params={"member": shown},
    )


def get_group_bits(access_list: bytes) -> int:
    """The rights of the owning group in an access control list (acl(5), as the kernel stores it); none if it has none.

    Without the list the group would have those of its mask, which may be more."""
    entries = struct.iter_unpack("<HHI", access_list[4 : 4 + (len(access_list) - 4) // 8 * 8])
    return min((rights & 7 for tag, rights, _ in entries if tag in (ACL_GROUP_OBJ, ACL_MASK)), default=0)


class Cursor:
    """A handle of one directory below a root, which goes to another one by the way between the two: archives list a
    tree in its order, so that the whole way is no longer than twice the tree. No link is followed."""

    def __init__(self, root: int) -> None:
        self._handle, self._path = os.dup(root), b""

    def go(self, path: bytes) -> int:
        """Return the handle of the directory, open until the next call. Raise OSError."""
        while self._path and not (path + b"/").startswith(self._path + b"/"):
            self._enter(b"..")
            self._path = self._path.rpartition(b"/")[0]
        for component in filter(None, path[len(self._path) :].split(b"/")):
            self._enter(component)
        self._path = path
        return self._handle

    def _enter(self, component: bytes) -> None:
        inner = os.open(component, DIRECTORY_FLAGS, dir_fd=self._handle)
        os.close(self._handle)
        self._handle = inner
        if component != b"..":
            self._path += b"/" + component if self._path else component

    def close(self) -> None:
        """Give the handle back."""
        os.close(self._handle)


class Writer:
    """Creates entries below a root handle; directories get their mode and time at the end, deepest first."""

    def __init__(self, target: str) -> None:
        self._root = os.open(target, DIRECTORY_FLAGS)
        self._parents, self._targets = Cursor(self._root), Cursor(self._root)
        self._directories: list[tuple[bytes, Member]] = []
        self._links: dict[bytes, Member] = {}
        self._as_root = os.geteuid() == 0
        self.unkept = 0  # attributes that this file system does not take

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._parents.close()
        self._targets.close()
        os.close(self._root)

    def write(self, member: Member, path: bytes, reader: TarReader) -> None:
        """Create one entry, whose data ``reader`` is about to give. Raise OSError."""
        if member.kind is MemberKind.DIRECTORY:
            self._directories.append((path, member))
            if not path:
                return
        parent_path, _, base = path.rpartition(b"/")
        parent = self._parents.go(parent_path)
        if member.kind is MemberKind.DIRECTORY:
            os.mkdir(base, 0o700, dir_fd=parent)
        elif member.kind is MemberKind.SYMLINK:
            self._links[path] = member
        elif member.kind is MemberKind.HARDLINK:
            linked = self._links.get(make_link_target(member))
            if linked is not None:
                self._links[path] = linked
            else:
                self._write_hardlink(member, base, parent)
        else:
            self._write_file(member, base, parent, reader)

    def is_there(self, path: bytes, *, root: str) -> bool:
        """Tell whether the tree at ``root`` has this link, with this target: then it lets nobody out who is not."""
        if not root:
            return False
        try:
            handle = os.open(root, DIRECTORY_FLAGS)
        except OSError:
            return False
        live = Cursor(handle)
        os.close(handle)
        try:
            parent_path, _, base = path.rpartition(b"/")
            return os.readlink(base, dir_fd=live.go(parent_path)) == self._links[path].link
        except OSError:
            return False
        finally:
            live.close()

    def write_links(self, *, left_out: frozenset[bytes], origin: str, root: str) -> None:
        """Create the symbolic links, once it is known where each leads. Raise ProgramError."""
        for path, member in self._links.items():
            if path in left_out:
                continue
            parent_path, _, base = path.rpartition(b"/")
            try:
                link = move_link(member.link, origin=origin, root=root)
                self._write_symlink(member, link, base, self._parents.go(parent_path))
            except OSError as error:
                raise make_write_error(error, member.name) from error

    def finish(self) -> None:
        """Give the directories their owner, mode and time. Raise ProgramError."""
        for path, member in reversed(self._directories):
            try:
                parent_path, _, base = path.rpartition(b"/")
                # From its parent: a mode without x would lock the cursor in.
                handle = os.open(base or b".", DIRECTORY_FLAGS, dir_fd=self._parents.go(parent_path))
                try:
                    self._apply_attributes(handle, member, DIRECTORY_MODE_BITS)
                finally:
                    os.close(handle)
            except OSError as error:
                raise make_write_error(error, member.name) from error

    def _write_file(self, member: Member, base: bytes, parent: int, reader: TarReader) -> None:
        handle = os.open(base, NEW_FILE_FLAGS, 0o600, dir_fd=parent)
        try:
            for offset, chunk in reader.read_data():
                written = 0
                while written < len(chunk):
                    written += os.pwrite(handle, chunk[written:], offset + written)
            os.ftruncate(handle, member.size)
            self._apply_attributes(handle, member, FILE_MODE_BITS)
        finally:
            os.close(handle)

    def _write_symlink(self, member: Member, link: bytes, base: bytes, parent: int) -> None:
        os.symlink(link, base, dir_fd=parent)
        if self._as_root:
            os.chown(base, member.uid, member.gid, dir_fd=parent, follow_symlinks=False)
        os.utime(base, ns=(member.mtime_ns, member.mtime_ns), dir_fd=parent, follow_symlinks=False)

    def _write_hardlink(self, member: Member, base: bytes, parent: int) -> None:
        target_parent_path, _, target_base = make_link_target(member).rpartition(b"/")
        target_parent = self._targets.go(target_parent_path)
        os.link(target_base, base, src_dir_fd=target_parent, dst_dir_fd=parent, follow_symlinks=False)

    def _apply_attributes(self, handle: int, member: Member, mode_bits: int) -> None:
        if self._as_root:
            os.fchown(handle, member.uid, member.gid)
        os.fchmod(handle, stat.S_IMODE(member.mode) & mode_bits)
        for name, value in member.xattrs.items():
            self._set_attribute(handle, name, value)
        os.utime(handle, ns=(member.mtime_ns, member.mtime_ns))

    def _set_attribute(self, handle: int, name: str, value: bytes) -> None:
        """Give an attribute back. Where the file system has none, an access control list is narrowed to what the mode
        says without it: its mask must not become the rights of the group."""
        try:
            os.setxattr(handle, name, value)
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.EPERM, errno.EACCES):
                raise
            self.unkept += 1
            if name == ACCESS_LIST:
                os.fchmod(handle, stat.S_IMODE(os.fstat(handle).st_mode) & ~0o070 | get_group_bits(value) << 3)

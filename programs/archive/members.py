"""Decide, before anything is extracted, whether every member of an archive may be.

Allow-list: files, directories, symbolic links and hard links to earlier members, each once, each below directories of
the same archive. A symbolic link that leads out of the tree, where nothing of the site is, is counted and left out.
Set-user-id and set-group-id bits of files are accepted and dropped at extraction (a volume may hold one; nothing here
needs it); the set-group-id bit of a directory stays, since Kubernetes sets it on every volume with an fsGroup.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from programs.archive.tar_fields import make_refusal
from programs.archive.tar_format import Member, MemberKind, TarReader

MAX_COMPONENT_BYTES = 255  # NAME_MAX
MAX_LINKS_FOLLOWED = 16
MAX_MEMBERS = 1 << 22  # their names are kept in memory, some 200 bytes each
MAX_COMPONENTS_FOLLOWED = 256
Name = bytes  # below the root of the archive
OWN_DIRECTORY = re.compile(rb"\.(restore|trash)-\d{8}T\d{6}Z-[0-9a-f]{6}|lost\+found")


@dataclass(frozen=True)
class MemberCounts:
    """What an archive holds. ``bytes``: sizes of the files; ``data_bytes``: the same without holes; ``outside``: the
    symbolic links that lead out of the tree, or nowhere for sure."""

    members: int
    files: int
    directories: int
    symlinks: int
    hardlinks: int
    bytes: int
    data_bytes: int
    outside: tuple[Name, ...] = ()


def is_own_directory(name: bytes) -> bool:
    """Tell whether a top-level name of a tree is a program's or the file system's, not the site's."""
    return OWN_DIRECTORY.fullmatch(name) is not None


# Told of each member that may be, by its clean path, before its data are passed over.
Note = Callable[[Name, Member, TarReader], None]


def check_members(stream: BinaryIO, *, root: str = "", note: Note | None = None) -> MemberCounts:
    """Read a whole plain tar stream and return what it holds. `root`: where the tree was, for its absolute links.
    `note` may read the data of the member that it is told of.

    Raise ProgramError (``hostile_archive``, naming the member) unless each member is allowed and the archive
    is complete. Memory: the names.
    """
    reader, checker = TarReader(stream), MemberChecker(root=root)
    for member in reader:
        path = checker.add(member)
        if note is not None:
            note(path, member, reader)
    return checker.finish(data_bytes=reader.data_bytes)


class MemberChecker:
    """The rules, fed member by member: ``add`` returns the clean path, ``finish`` the counts."""

    def __init__(self, *, root: str = "") -> None:
        self._root = os.fsencode(root.rstrip("/"))
        self._kinds: dict[bytes, MemberKind] = {}
        self._links: dict[bytes, bytes] = {}
        self._counts = dict.fromkeys(MemberKind, 0)
        self._bytes = 0

    def add(self, member: Member) -> bytes:
        """Return the path inside the root, ``b""`` for the root itself. Raise ProgramError to refuse."""
        path = make_clean_path(member)
        if path in self._kinds:
            raise make_refusal(member.name, "it is there twice")
        parent, _, base = path.rpartition(b"/")
        if parent and self._kinds.get(parent) is not MemberKind.DIRECTORY:
            shown = "passes through something that is not a directory of this archive"
            raise make_refusal(member.name, f"its path {shown}")
        if not parent and is_own_directory(base):
            raise make_refusal(member.name, "the name is reserved for the restore itself")
        kind = member.kind
        if kind is MemberKind.SYMLINK:
            self._links[path] = member.link
        if kind is MemberKind.HARDLINK:
            target = make_link_target(member)
            known = self._kinds.get(target)
            if known not in (MemberKind.FILE, MemberKind.SYMLINK):
                raise make_refusal(member.name, "it is a hard link to something that is not an earlier file")
            kind = known
            if known is MemberKind.SYMLINK:
                self._links[path] = self._links[target]
        if len(self._kinds) == MAX_MEMBERS:
            raise make_refusal(member.name, f"the archive has more than {MAX_MEMBERS} members")
        self._kinds[path] = kind
        self._counts[member.kind] += 1
        self._bytes += member.size
        return path

    def finish(self, *, data_bytes: int) -> MemberCounts:
        """Return the counts, and which symbolic links do not stay inside."""
        return MemberCounts(
            members=sum(self._counts.values()),
            files=self._counts[MemberKind.FILE],
            directories=self._counts[MemberKind.DIRECTORY],
            symlinks=self._counts[MemberKind.SYMLINK],
            hardlinks=self._counts[MemberKind.HARDLINK],
            bytes=self._bytes,
            data_bytes=data_bytes,
            outside=tuple(sorted(path for path in self._links if not self._stays_inside(path))),
        )

    def _stays_inside(self, path: bytes) -> bool:
        """Follow a link as the kernel would among the archive's links; False for one that leaves the root."""
        stack = path.split(b"/")[:-1]
        pending = [self._links[path]]
        followed = walked = 0
        components: list[bytes] = []
        while pending or components:
            if pending:
                link = pending.pop()
                if link.startswith(b"/"):
                    if link != self._root and not (self._root and link.startswith(self._root + b"/")):
                        return False
                    stack, link = [], link[len(self._root) :]
                components += link.split(b"/")[::-1]
                continue
            component = components.pop()
            walked += 1
            if component in (b"", b"."):
                continue
            if component == b"..":
                if not stack:
                    return False
                stack.pop()
                continue
            next_link = self._links.get(b"/".join([*stack, component]))
            if next_link is None:
                stack.append(component)
                continue
            followed += 1
            if followed > MAX_LINKS_FOLLOWED or walked > MAX_COMPONENTS_FOLLOWED:
                return False
            pending.append(next_link)
        return True


def move_link(link: bytes, *, origin: str, root: str) -> bytes:
    """Return the target of a link, moved with the tree it points into when that is now elsewhere."""
    before, after = os.fsencode(origin.rstrip("/")), os.fsencode(root.rstrip("/"))
    if before and (link == before or link.startswith(before + b"/")):
        return after + link[len(before) :]
    return link


def make_clean_path(member: Member) -> bytes:
    """Return the name without ``./`` and final slash. Raise ProgramError if it may leave the root."""
    if member.name.endswith(b"/") and member.kind is not MemberKind.DIRECTORY:
        raise make_refusal(member.name, "its name is that of a directory, and it is none")
    path = clean(member.name, member.name)
    if not path and member.kind is not MemberKind.DIRECTORY:
        raise make_refusal(member.name, "it has no name, or stands in place of the whole tree")
    return path


def make_link_target(member: Member) -> bytes:
    """Return the clean path of the member a hard link names. Raise ProgramError if it may leave the root."""
    return clean(member.link, member.name)


def clean(path: bytes, name: bytes) -> bytes:
    """Return ``path`` without empty and ``.`` components, or refuse the member called ``name``."""
    if not path:
        raise make_refusal(name, "it has no name")
    if path.startswith(b"/"):
        raise make_refusal(name, "it has an absolute path")
    components = [component for component in path.split(b"/") if component not in (b"", b".")]
    if b".." in components:
        raise make_refusal(name, "its path goes up (..)")
    if any(len(component) > MAX_COMPONENT_BYTES for component in components):
        raise make_refusal(name, "a part of its name is longer than 255 bytes")
    return b"/".join(components)

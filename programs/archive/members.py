"""Decide, before anything is extracted, whether every member of an archive may be.

Allow-list: files, directories, symbolic links that resolve inside the tree and hard links to earlier members,
each once, each below directories of the same archive. Set-user-id and set-group-id bits of files are
accepted and dropped at extraction (a volume may hold one; nothing here needs it); the set-group-id bit of
a directory stays, since Kubernetes sets it on every volume with an fsGroup.
"""

import re
from dataclasses import dataclass
from typing import BinaryIO

from programs.archive.tar_format import Kind, Member, TarReader, make_refusal

MAX_LINK_BYTES = 4095  # PATH_MAX of Linux less the final NUL: symlink(2) refuses more
MAX_COMPONENT_BYTES = 255  # NAME_MAX
MAX_LINKS_FOLLOWED = 16
MAX_MEMBERS = 1 << 22  # their names are kept in memory, some 200 bytes each
MAX_COMPONENTS_FOLLOWED = 256
OWN_DIRECTORY = re.compile(rb"\.(restore|trash)-\d{8}T\d{6}Z-[0-9a-f]{6}|lost\+found")


@dataclass(frozen=True)
class MemberCounts:
    """What an archive holds. ``bytes``: sizes of the files; ``data_bytes``: the same without holes."""

    members: int
    files: int
    directories: int
    symlinks: int
    hardlinks: int
    bytes: int
    data_bytes: int


def is_own_directory(name: bytes) -> bool:
    """Tell whether a top-level name of a tree is a program's or the file system's, not the site's."""
    return OWN_DIRECTORY.fullmatch(name) is not None


def check_members(stream: BinaryIO) -> MemberCounts:
    """Read a whole plain tar stream and return what it holds.

    Raise ProgramError (``hostile_archive``, naming the member) unless each member is allowed and the archive
    is complete. Memory: the names.
    """
    reader, checker = TarReader(stream), MemberChecker()
    for member in reader:
        checker.add(member)
    return checker.finish(data_bytes=reader.data_bytes)


class MemberChecker:
    """The rules, fed member by member: ``add`` returns the clean path, ``finish`` the counts."""

    def __init__(self) -> None:
        self._kinds: dict[bytes, Kind] = {}
        self._links: dict[bytes, bytes] = {}
        self._counts = dict.fromkeys(Kind, 0)
        self._bytes = 0

    def add(self, member: Member) -> bytes:
        """Return the path inside the root, ``b""`` for the root itself. Raise ProgramError to refuse."""
        path = make_clean_path(member)
        if path in self._kinds:
            raise make_refusal(member.name, "it is there twice")
        parent, _, base = path.rpartition(b"/")
        if parent and self._kinds.get(parent) is not Kind.DIRECTORY:
            shown = "passes through something that is not a directory of this archive"
            raise make_refusal(member.name, f"its path {shown}")
        if not parent and is_own_directory(base):
            raise make_refusal(member.name, "the name is reserved for the restore itself")
        kind = member.kind
        if kind is Kind.SYMLINK:
            self._links[path] = member.link
        if kind is Kind.HARDLINK:
            target = make_link_target(member)
            known = self._kinds.get(target)
            if known not in (Kind.FILE, Kind.SYMLINK):
                raise make_refusal(member.name, "it is a hard link to something that is not an earlier file")
            kind = known
            if known is Kind.SYMLINK:
                self._links[path] = self._links[target]
        if len(self._kinds) == MAX_MEMBERS:
            raise make_refusal(member.name, f"the archive has more than {MAX_MEMBERS} members")
        self._kinds[path] = kind
        self._counts[member.kind] += 1
        self._bytes += member.size
        return path

    def finish(self, *, data_bytes: int) -> MemberCounts:
        """Return the counts once every symbolic link is known to stay inside. Raise ProgramError."""
        for path in self._links:
            self._check_symlink(path)
        return MemberCounts(
            members=sum(self._counts.values()),
            files=self._counts[Kind.FILE],
            directories=self._counts[Kind.DIRECTORY],
            symlinks=self._counts[Kind.SYMLINK],
            hardlinks=self._counts[Kind.HARDLINK],
            bytes=self._bytes,
            data_bytes=data_bytes,
        )

    def _check_symlink(self, path: bytes) -> None:
        """Follow a link as the kernel would among the archive's links; refuse one that leaves the root."""
        stack = path.split(b"/")[:-1]
        pending = split_link(self._links[path], path)[::-1]
        followed = walked = 0
        while pending:
            component = pending.pop()
            walked += 1
            if component in (b"", b"."):
                continue
            if component == b"..":
                if not stack:
                    raise make_refusal(path, "it is a link that leaves the tree")
                stack.pop()
                continue
            link = self._links.get(b"/".join([*stack, component]))
            if link is None:
                stack.append(component)
                continue
            followed += 1
            if followed > MAX_LINKS_FOLLOWED or walked > MAX_COMPONENTS_FOLLOWED:
                raise make_refusal(path, "it is a link that leads through too many others")
            pending += split_link(link, path)[::-1]


def split_link(link: bytes, path: bytes) -> list[bytes]:
    """Return the components of a symbolic link's target. Raise ProgramError if it is absolute or too long."""
    if link.startswith(b"/"):
        raise make_refusal(path, "it is a link to an absolute path")
    components = link.split(b"/")
    if len(link) > MAX_LINK_BYTES or max(map(len, components)) > MAX_COMPONENT_BYTES:
        raise make_refusal(path, "it is a link to a name that is too long")
    return components


def make_clean_path(member: Member) -> bytes:
    """Return the name without ``./`` and final slash. Raise ProgramError if it may leave the root."""
    if member.name.endswith(b"/") and member.kind is not Kind.DIRECTORY:
        raise make_refusal(member.name, "its name is that of a directory, and it is none")
    path = clean(member.name, member.name)
    if not path and member.kind is not Kind.DIRECTORY:
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

"""Read an archive of GNU tar strictly, one member at a time, in constant memory.

The same reader serves the check and the extraction, so that they cannot disagree about what a header says. Only what
GNU tar writes for a backup is understood, in the pax format (programs/archive/pax.py) or, as older sets, in its own;
everything else is refused, never guessed. Format: https://www.gnu.org/software/tar/manual/html_node/Standard.html
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import BinaryIO

from programs.archive.pax import MAX_HEADER_BYTES, Extended, PaxUnclear, parse_extended, read_sparse_map
from programs.archive.tar_fields import (
    BLOCK_BYTES,
    OCTAL,
    check_segments,
    make_header_name,
    make_refusal,
    parse_number,
    parse_text,
)

CHUNK_BYTES = 1 << 20
MAX_NAME_BYTES = 1 << 16
MAX_FILE_BYTES = 1 << 44  # the largest file of ext4 with blocks of 4 KiB (16 TiB)
MAX_SEGMENTS = 1 << 20
MAX_TRAILER_BYTES = 1 << 20  # GNU tar pads to 10 KiB by default; zeros without end are no archive
SPARSE_ENTRY_BYTES = 24
NANOSECONDS = 10**9
GNU_MAGIC = b"ustar  \0"
USTAR_MAGIC = b"ustar\x0000"
ZERO_BLOCK = bytes(BLOCK_BYTES)


class MemberKind(Enum):
    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"


KIND_OF_TYPEFLAG = {
    b"0": MemberKind.FILE,
    b"S": MemberKind.FILE,
    b"1": MemberKind.HARDLINK,
    b"2": MemberKind.SYMLINK,
    b"5": MemberKind.DIRECTORY,
}
LONG_NAME, LONG_LINK, SPARSE, EXTENDED = b"L", b"K", b"S", b"x"
REFUSED_TYPEFLAGS = {
    b"3": "a character device",
    b"4": "a block device",
    b"6": "a named pipe",
    b"g": "a global extended (pax) header, which changes every member after it",
}


@dataclass(frozen=True)
class Member:
    """One entry. ``size``: bytes of the file as a reader sees it; ``segments``: offset, length, offset, ...
    of the parts that hold data. ``link`` is empty but for links. ``mtime_ns``: since 1970. ``xattrs``: extended
    attributes, access control lists among them.
    """

    name: bytes
    kind: MemberKind
    link: bytes
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    size: int
    segments: "array[int]" = field(repr=False)
    xattrs: dict[str, bytes] = field(default_factory=dict)


class TarReader:
    """Iterate over the members of ``stream``; ``read_data`` gives the data of the current one.

    Raise ProgramError (``hostile_archive``) for anything GNU tar would not have written.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.data_bytes = 0
        self._segments: array[int] = array("q")
        self._cursor = 0
        self._padding = 0
        self._name = b""

    def __iter__(self) -> Iterator[Member]:
        while True:
            self._skip_data()
            header = self._read_block()
            if header == ZERO_BLOCK:
                self._read_trailer()
                return
            yield self._read_member(header)

    def read_data(self) -> Iterator[tuple[int, bytes]]:
        """Yield (offset in the file, bytes) of the current member, holes left out."""
        while self._cursor < len(self._segments):
            offset, length = self._segments[self._cursor], self._segments[self._cursor + 1]
            self._cursor += 2
            while length:
                chunk = self._read(min(length, CHUNK_BYTES))
                yield offset, chunk
                offset, length = offset + len(chunk), length - len(chunk)

    def _skip_data(self) -> None:
        for _ in self.read_data():
            pass
        self._read_exactly(self._padding)
        self._padding = 0

    def _read(self, size: int) -> bytes:
        chunk = self.stream.read(size)
        if not chunk:
            raise make_refusal(self._name, "the archive is cut short in or after it")
        return chunk

    def _read_exactly(self, size: int) -> bytes:
        parts = []
        while size:
            parts.append(self._read(size))
            size -= len(parts[-1])
        return b"".join(parts)

    def _read_block(self) -> bytes:
        return self._read_exactly(BLOCK_BYTES)

    def _read_trailer(self) -> None:
        """Require a second block of zeros, then nothing but zeros in whole blocks."""
        if self._read_block() != ZERO_BLOCK:
            raise make_refusal(self._name, "the end mark after it is incomplete, and something follows")
        total = 0
        while chunk := self.stream.read(CHUNK_BYTES):
            total += len(chunk)
            if chunk.count(0) != len(chunk) or total > MAX_TRAILER_BYTES:
                raise make_refusal(self._name, "something follows the end of the archive after it")
        if total % BLOCK_BYTES:
            raise make_refusal(self._name, "the archive ends in the middle of a block after it")

    def _read_member(self, header: bytes) -> Member:
        header, extended, is_gnu = self._read_extensions(header)
        name = extended.path or make_header_name(header, is_gnu=is_gnu)
        self._name = name
        typeflag = header[156:157]
        if typeflag not in KIND_OF_TYPEFLAG:
            reason = REFUSED_TYPEFLAGS.get(typeflag, f"an entry of unknown type {typeflag!r}")
            raise make_refusal(name, f"it is {reason}")
        kind = KIND_OF_TYPEFLAG[typeflag]
        link = extended.link or parse_text(header[157:257], name)
        if bool(link) != (kind in (MemberKind.SYMLINK, MemberKind.HARDLINK)):
            raise make_refusal(name, "its link target is missing, or it has one without being a link")
        stored_bytes = extended.size
        if stored_bytes is None:
            stored_bytes = parse_number(header[124:136], name, limit=MAX_FILE_BYTES)
        if (stored_bytes and kind is not MemberKind.FILE) or stored_bytes >= MAX_FILE_BYTES:
            raise make_refusal(name, "it says it has contents without being a file, or too much")
        size = self._read_segments(header, extended, stored_bytes, is_gnu=is_gnu)
        mtime = parse_number(header[136:148], name, limit=1 << 40, may_be_negative=True)
        return Member(
            name=name,
            kind=kind,
            link=link,
            mode=parse_number(header[100:108], name, limit=1 << 32) & 0o7777,
            uid=parse_number(header[108:116], name, limit=1 << 32) if extended.uid is None else extended.uid,
            gid=parse_number(header[116:124], name, limit=1 << 32) if extended.gid is None else extended.gid,
            mtime_ns=mtime * NANOSECONDS if extended.mtime_ns is None else extended.mtime_ns,
            size=size,
            segments=self._segments,
            xattrs=extended.xattrs,
        )

    def _read_extensions(self, header: bytes) -> tuple[bytes, Extended, bool]:
        """Return the member's own header, what the headers before it say of it, and whether it is of the GNU format."""
        found = Extended()
        seen: set[bytes] = set()
        while True:
            typeflag, is_gnu = self._check_header(header)
            if typeflag not in (LONG_NAME, LONG_LINK, EXTENDED):
                return header, found, is_gnu
            if typeflag in seen or is_gnu == (typeflag == EXTENDED) or (seen and EXTENDED in {typeflag, *seen}):
                raise make_refusal(self._name, "it has two long names, or one in a format that has none")
            seen.add(typeflag)
            if typeflag == EXTENDED:
                found = self._read_extended(header)
            elif typeflag == LONG_NAME:
                found.path = self._read_long(header)
            else:
                found.link = self._read_long(header)
            header = self._read_block()

    def _read_extended(self, header: bytes) -> Extended:
        name = header[:100].split(b"\0")[0]
        size = parse_number(header[124:136], name, limit=MAX_HEADER_BYTES)
        data = self._read_exactly(size)
        self._read_exactly(-size % BLOCK_BYTES)
        try:
            return parse_extended(data)
        except PaxUnclear as error:
            raise make_refusal(name, str(error)) from error

    def _read_segments(self, header: bytes, extended: Extended, stored_bytes: int, *, is_gnu: bool) -> int:
        """Note where the member's data belongs; return its size as a reader of the file sees it."""
        size, map_bytes = stored_bytes, 0
        if extended.real_size is not None:
            if header[156:157] != b"0" or extended.real_size >= MAX_FILE_BYTES:
                raise make_refusal(self._name, "it has a map of holes without being a file, or is too large")
            try:
                self._segments, map_bytes = read_sparse_map(self._read_block)
            except PaxUnclear as error:
                raise make_refusal(self._name, str(error)) from error
            size = extended.real_size
            check_segments(self._segments, size=size, stored_bytes=stored_bytes - map_bytes, name=self._name)
        elif header[156:157] == SPARSE:
            size, self._segments = self._read_sparse_map(header, stored_bytes, is_gnu=is_gnu)
        else:
            self._segments = array("q", (0, size))
        self._cursor = 0
        self._padding = -stored_bytes % BLOCK_BYTES
        self.data_bytes += stored_bytes - map_bytes
        return size

    def _check_header(self, header: bytes) -> tuple[bytes, bool]:
        """Return the type flag, and whether the header is of the GNU format; check its sum."""
        name = header[:100].split(b"\0")[0]
        stated = OCTAL.fullmatch(header[148:156])
        if stated is None or int(stated[1], 8) != sum(header) - sum(header[148:156]) + 8 * 0x20:
            raise make_refusal(self._name, "the header after it is damaged (wrong checksum)")
        if header[257:265] not in (GNU_MAGIC, USTAR_MAGIC):
            raise make_refusal(name, "its header is of an unknown format")
        return header[156:157], header[257:265] == GNU_MAGIC

    def _read_long(self, header: bytes) -> bytes:
        """Return the long name or link target that follows ``header``, without its final NUL."""
        name = header[:100].split(b"\0")[0]
        size = parse_number(header[124:136], name, limit=MAX_NAME_BYTES)
        text = self._read_exactly(size)
        self._read_exactly(-size % BLOCK_BYTES)
        if size < 2 or text.find(b"\0") != size - 1:
            raise make_refusal(text or name, "its long name is empty, or has a NUL elsewhere than at its end")
        return text[:-1]

    def _read_sparse_map(self, header: bytes, stored_bytes: int, *, is_gnu: bool) -> tuple[int, "array[int]"]:
        """Return (size of the file, segments with data) of a file with holes, or refuse a map that lies."""
        name = self._name
        if not is_gnu:
            raise make_refusal(name, "it has a map of holes in a format that has none")
        size = parse_number(header[483:495], name, limit=MAX_FILE_BYTES)
        segments: array[int] = array("q")
        entries, more = header[386 : 386 + 4 * SPARSE_ENTRY_BYTES], header[482]
        ended = False
        while True:
            for start in range(0, len(entries), SPARSE_ENTRY_BYTES):
                entry = entries[start : start + SPARSE_ENTRY_BYTES]
                if not any(entry):
                    ended = True
                    continue
                if ended:
                    raise make_refusal(name, "its map of holes goes on after its end")
                segments.append(parse_number(entry[:12], name, limit=MAX_FILE_BYTES))
                segments.append(parse_number(entry[12:], name, limit=MAX_FILE_BYTES))
            if not more:
                break
            if len(segments) > 2 * MAX_SEGMENTS or ended:
                raise make_refusal(name, "its map of holes does not end")
            block = self._read_block()
            entries, more = block[: 21 * SPARSE_ENTRY_BYTES], block[504]
        check_segments(segments, size=size, stored_bytes=stored_bytes, name=name)
        return size, segments

"""Read a GNU or ustar archive strictly, one member at a time, in constant memory.

The same reader serves the check and the extraction, so that they cannot disagree about what a header says.
Only what GNU tar writes in its own format (``tar -S``) is understood; everything else is refused, never
guessed. Format: https://www.gnu.org/software/tar/manual/html_node/Standard.html
"""

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import BinaryIO

from programs.run.failures import ProgramError

BLOCK_BYTES = 512
CHUNK_BYTES = 1 << 20
MAX_NAME_BYTES = 1 << 16
MAX_FILE_BYTES = 1 << 44  # the largest file of ext4 with blocks of 4 KiB (16 TiB)
MAX_SEGMENTS = 1 << 20
MAX_TRAILER_BYTES = 1 << 20  # GNU tar pads to 10 KiB by default; zeros without end are no archive
SPARSE_ENTRY_BYTES = 24
GNU_MAGIC = b"ustar  \0"
USTAR_MAGIC = b"ustar\x0000"
ZERO_BLOCK = bytes(BLOCK_BYTES)
OCTAL = re.compile(rb" *([0-7]+)[ \0]*")


class Kind(Enum):
    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"


KIND_OF_TYPEFLAG = {
    b"0": Kind.FILE,
    b"S": Kind.FILE,
    b"1": Kind.HARDLINK,
    b"2": Kind.SYMLINK,
    b"5": Kind.DIRECTORY,
}
LONG_NAME, LONG_LINK, SPARSE = b"L", b"K", b"S"
REFUSED_TYPEFLAGS = {
    b"3": "a character device",
    b"4": "a block device",
    b"6": "a named pipe",
    b"x": "an extended (pax) header, which can replace the name that was checked",
    b"g": "a global extended (pax) header, which changes every member after it",
}


@dataclass(frozen=True)
class Member:
    """One entry. ``size``: bytes of the file as a reader sees it; ``segments``: offset, length, offset, ...
    of the parts that hold data. ``link`` is empty but for links. ``mtime``: seconds since 1970.
    """

    name: bytes
    kind: Kind
    link: bytes
    mode: int
    uid: int
    gid: int
    mtime: int
    size: int
    segments: "array[int]" = field(repr=False)


def format_name(name: bytes) -> str:
    """Return a member name that is safe in a log line and in a message, shortened to 200 characters."""
    text = name.decode("utf-8", "backslashreplace")
    text = "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
    return text if len(text) <= 200 else text[:199] + "…"


def make_refusal(name: bytes, reason: str) -> ProgramError:
    """Return the error that names the member and says why the archive is refused."""
    shown = format_name(name)
    return ProgramError(
        code="hostile_archive",
        message=f"The archive is refused because of its member “{shown}”: {reason}.",
        hint="Nothing of it was used. Take another backup, and find out who wrote this one.",
        params={"member": shown, "reason": reason},
    )


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
        longs: dict[bytes, bytes] = {}
        while True:
            typeflag, is_gnu = self._check_header(header)
            if typeflag not in (LONG_NAME, LONG_LINK):
                break
            if typeflag in longs or not is_gnu:
                raise make_refusal(self._name, "it has two long names, or one in a format that has none")
            longs[typeflag] = self._read_long(header)
            header = self._read_block()
        name = longs.get(LONG_NAME) or make_header_name(header, is_gnu=is_gnu)
        self._name = name
        if typeflag not in KIND_OF_TYPEFLAG:
            reason = REFUSED_TYPEFLAGS.get(typeflag, f"an entry of unknown type {typeflag!r}")
            raise make_refusal(name, f"it is {reason}")
        kind = KIND_OF_TYPEFLAG[typeflag]
        link = longs.get(LONG_LINK) or parse_text(header[157:257], name)
        if bool(link) != (kind in (Kind.SYMLINK, Kind.HARDLINK)):
            raise make_refusal(name, "its link target is missing, or it has one without being a link")
        stored_bytes = parse_number(header[124:136], name, limit=MAX_FILE_BYTES)
        if stored_bytes and kind is not Kind.FILE:
            raise make_refusal(name, "it says it has contents without being a file")
        size = stored_bytes
        if typeflag == SPARSE:
            size, self._segments = self._read_sparse_map(header, stored_bytes, is_gnu=is_gnu)
        else:
            self._segments = array("q", (0, size))
        self._cursor = 0
        self._padding = -stored_bytes % BLOCK_BYTES
        self.data_bytes += stored_bytes
        return Member(
            name=name,
            kind=kind,
            link=link,
            mode=parse_number(header[100:108], name, limit=1 << 32) & 0o7777,
            uid=parse_number(header[108:116], name, limit=1 << 32),
            gid=parse_number(header[116:124], name, limit=1 << 32),
            mtime=parse_number(header[136:148], name, limit=1 << 40, may_be_negative=True),
            size=size,
            segments=self._segments,
        )

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


def check_segments(segments: "array[int]", *, size: int, stored_bytes: int, name: bytes) -> None:
    """Refuse a map of holes unless it ascends, stays in the file, and holds exactly the stored bytes.

    Each segment starts on a block of the archive: only the last one with data may be of any length.
    """
    end = total = 0
    for index in range(0, len(segments), 2):
        offset, length = segments[index], segments[index + 1]
        if offset < end or offset + length > size or (length and total % BLOCK_BYTES):
            raise make_refusal(name, "its map of holes lies about the size or the order of its parts")
        end, total = offset + length, total + length
    if total != stored_bytes:
        raise make_refusal(name, "its map of holes lies about the bytes that are stored")


def parse_text(raw: bytes, name: bytes) -> bytes:
    """Return the text of a fixed field: up to the first NUL, with only NULs after it."""
    text, _, rest = raw.partition(b"\0")
    if rest.strip(b"\0"):
        raise make_refusal(name or text, "a name in its header goes on after a NUL")
    return text


def make_header_name(header: bytes, *, is_gnu: bool) -> bytes:
    """Return the name a header gives; only ustar has a prefix, GNU keeps other fields there."""
    name = parse_text(header[:100], b"")
    prefix = b"" if is_gnu else parse_text(header[345:500], name)
    return prefix + b"/" + name if prefix else name


def parse_number(raw: bytes, name: bytes, *, limit: int, may_be_negative: bool = False) -> int:
    """Return a numeric field: octal text, or GNU's base 256 where octal has not room enough.

    Raise ProgramError for another notation, a negative number, or one of ``limit`` or more.
    """
    octal = OCTAL.fullmatch(raw)
    if octal is not None:
        value = int(octal[1], 8)
    elif raw[0] in (0x80, 0xFF):
        value = int.from_bytes(raw[1:], "big") - (256 ** (len(raw) - 1) if raw[0] == 0xFF else 0)
        if 0 <= value < 8 ** (len(raw) - 1):
            raise make_refusal(name, "a number in its header is written in an unusual way")
    else:
        raise make_refusal(name, "a number in its header cannot be read")
    if value >= limit or value < (-limit if may_be_negative else 0):
        raise make_refusal(name, f"a number in its header is out of range ({value})")
    return value

"""The index of a tree: a line for each member of its tar, so that a set is browsed, and a file found, without the tar.

Lines of JSON in the order of the tar: path below the root ("" is the root itself), kind, size, mode, mtime_ns (since
1970), link (of links) and sha256 (of files). Bytes of a name that are not UTF-8 are told as surrogates (PEP 383). It is
made of the tar as it was read back, and whoever checks the set makes it again: an index that says anything else is
refused.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import BinaryIO, Protocol

from programs.archive.tar_format import Member, MemberKind, TarReader
from programs.run.failures import ProgramError
from programs.run.streams import Hashing, Measures
from programs.run.strict_json import StrictJsonError, parse_json

KINDS = tuple(kind.value for kind in MemberKind)
# A name of 64 KiB whose every byte is escaped, twice (a link has two), and the rest of the line.
MOST_LINE_BYTES = 1 << 20
# A file may be terabytes of holes: nobody waits for the sum of zeros.
MOST_HOLE_BYTES = 1 << 30
ZEROS = bytes(1 << 20)
BATCH_BYTES = 1 << 18
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class IndexEntry:
    """One member. `size` is what a reader of the file sees; `link`: the target of a symbolic or hard link, else "".
    `sha256` None: no file, or one of more than a GiB of holes."""

    path: str
    kind: str
    size: int
    mode: int
    mtime_ns: int
    link: str
    sha256: str | None


class LineTaker(Protocol):
    """What takes the bytes of an index."""

    def write(self, data: bytes, /) -> object:
        """Take some."""


class IndexWriter:
    """Makes the index of a tar while that is read: `note` is what `check_members` calls for each member."""

    def __init__(self, target: LineTaker) -> None:
        self._target = target
        self._lines: list[bytes] = []
        self._bytes = 0
        self.newest_file: int | None = None  # seconds since 1970

    def note(self, path: bytes, member: Member, reader: TarReader) -> None:
        """Add the member whose data `reader` is about to give, and read these."""
        if member.kind is MemberKind.FILE:
            self.newest_file = max(member.mtime_ns // 10**9, self.newest_file or 0)
        line = format_entry(make_entry(path, member, reader))
        self._lines.append(line)
        self._bytes += len(line)
        if self._bytes >= BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand on what was kept back."""
        self._target.write(b"".join(self._lines))
        self._lines, self._bytes = [], 0


class IndexSum:
    """Takes an index and keeps its size and its sum alone."""

    def __init__(self) -> None:
        self._hashing = Hashing()

    def write(self, data: bytes, /) -> None:
        """Take some bytes."""
        self._hashing.update(data)

    def agrees(self, expected: Measures) -> bool:
        """Tell whether the index is the one that has these measures."""
        plain = (self._hashing.bytes, self._hashing.hexdigest())
        return plain == (expected.plain_bytes, expected.plain_sha256)


def make_entry(path: bytes, member: Member, reader: TarReader) -> IndexEntry:
    """What the index says of a member; reads its data."""
    return IndexEntry(
        path=decode_name(path),
        kind=member.kind.value,
        size=member.size,
        mode=member.mode,
        mtime_ns=member.mtime_ns,
        link=decode_name(member.link),
        sha256=compute_file_sha256(member, reader) if member.kind is MemberKind.FILE else None,
    )


def compute_file_sha256(member: Member, reader: TarReader) -> str | None:
    """The sum of a file as its readers see it, holes being zeros; None where there are too many of these."""
    if member.size - sum(member.segments[1::2]) > MOST_HOLE_BYTES:
        return None
    digest, end = hashlib.sha256(), 0
    for offset, chunk in reader.read_data():
        _add_zeros(digest, offset - end)
        digest.update(chunk)
        end = offset + len(chunk)
    _add_zeros(digest, member.size - end)
    return digest.hexdigest()


def _add_zeros(digest: "hashlib._Hash", number: int) -> None:
    while number > 0:
        digest.update(ZEROS[:number])
        number -= len(ZEROS)


def decode_name(name: bytes) -> str:
    """A name as text, whatever its bytes are."""
    return name.decode("utf-8", "surrogateescape")


def format_entry(entry: IndexEntry) -> bytes:
    """The one line of an entry."""
    return json.dumps(asdict(entry), sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"


def read_entries(stream: BinaryIO, *, name: str) -> Iterator[IndexEntry]:
    """Yield the entries of an index, in constant memory. Raise ProgramError ``index_invalid`` for any line that the
    program would not have written. `name`: of the artifact."""
    while line := stream.readline(MOST_LINE_BYTES + 1):
        try:
            entry = IndexEntry(**parse_json(line if len(line) <= MOST_LINE_BYTES else b""))
            _check_entry(entry)
            is_ours = format_entry(entry) == line
        except (StrictJsonError, TypeError, ValueError) as error:
            raise make_index_error(name) from error
        if not is_ours:
            raise make_index_error(name)
        yield entry


def check_entries(stream: BinaryIO, *, name: str) -> int:
    """Read an index whole; return how many entries it has. Raise ProgramError."""
    return sum(1 for _entry in read_entries(stream, name=name))


def _check_entry(entry: IndexEntry) -> None:
    texts = (entry.path, entry.kind, entry.link)
    numbers = (entry.size, entry.mode, entry.mtime_ns)
    if not all(isinstance(text, str) for text in texts) or not all(type(number) is int for number in numbers):
        raise ValueError
    parts = entry.path.split("/") if entry.path else []
    if any(part in ("", ".", "..") or "\0" in part for part in parts) or entry.kind not in KINDS:
        raise ValueError
    if entry.size < 0 or not 0 <= entry.mode <= 0o7777 or bool(entry.link) != entry.kind.endswith("link"):
        raise ValueError
    if entry.sha256 is not None and (entry.kind != MemberKind.FILE.value or not SHA256.fullmatch(entry.sha256)):
        raise ValueError


def make_index_error(name: str) -> ProgramError:
    """The error of an index that this program did not write."""
    message = f"{name}: a line of it is none that a backup writes"
    hint = "the file was altered; this set is not usable"
    return ProgramError("index_invalid", message, hint=hint, params={"artifact": name})


def make_index_difference(name: str) -> ProgramError:
    """The error of an index that says something else than the tar."""
    message = f"{name}: it does not say what the files are"
    return ProgramError("index_differs", message, hint="choose another set", params={"artifact": name})

"""Extended (pax) headers as GNU tar writes them: what they say of the next member, strictly read.

Only what a backup asks GNU tar for is understood: long or odd names, large numbers, times below the second, access
control lists and attributes of users, maps of holes. Everything else is refused, never guessed.
Format: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html (pax Header Block)
"""

import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

BLOCK_BYTES = 512
MAX_HEADER_BYTES = 4 << 20
MAX_SEGMENTS = 1 << 20
HEADER_SIZE_LIMIT = 8**11  # what the field of a header holds
XATTR = b"SCHILY.xattr."
KEPT_XATTRS = re.compile(r"user\.[^\0]{1,250}|system\.posix_acl_(?:access|default)", re.DOTALL)
_RECORD = re.compile(rb"([1-9][0-9]{0,7}) ([^=\0]{1,300})=", re.DOTALL)
_TIME = re.compile(rb"(-?)(\d{1,12})(?:\.(\d{1,9})\d*)?")
_NUMBER = re.compile(rb"\d{1,18}")
_SPARSE = {b"GNU.sparse.major": b"1", b"GNU.sparse.minor": b"0"}


class PaxUnclear(Exception):
    """The header cannot be read with certainty; the message completes a sentence about the member."""


# A file with holes stands under a name of its own making, which is told too where it does not fit the header.
_STAND_IN = re.compile(rb"(.*/)GNUSparseFile\.\d+/([^/]*)", re.DOTALL)


@dataclass
class Extended:
    """What the next header's fields are replaced by; None: nothing. `real_size`: of a file with holes, whose map stands
    at the beginning of its data."""

    path: bytes | None = None
    link: bytes | None = None
    size: int | None = None
    mtime_ns: int | None = None
    uid: int | None = None
    gid: int | None = None
    real_size: int | None = None
    xattrs: dict[str, bytes] = field(default_factory=dict)


def parse_extended(data: bytes) -> Extended:
    """Return what an extended header says. Raise PaxUnclear."""
    records = dict(_split_records(data))
    found = Extended()
    sparse = {key: records.pop(key) for key in list(records) if key.startswith(b"GNU.sparse.")}
    for key, value in records.items():
        if key == b"path":
            found.path = value
        elif key == b"linkpath":
            found.link = value
        elif key == b"mtime":
            found.mtime_ns = parse_time(value)
        elif key == b"size":
            found.size = parse_number(value)
            if found.size < HEADER_SIZE_LIMIT:
                raise PaxUnclear("its size is given twice")
        elif key == b"uid":
            found.uid = parse_number(value)
        elif key == b"gid":
            found.gid = parse_number(value)
        elif KEPT_XATTRS.fullmatch(name := key.removeprefix(XATTR).decode(errors="surrogateescape")):
            found.xattrs[name] = value
        else:
            raise PaxUnclear("it has an extended header that says what no backup asks for")
    if sparse:
        is_known = set(sparse) == {*_SPARSE, b"GNU.sparse.name", b"GNU.sparse.realsize"}
        if not is_known or any(sparse[key] != value for key, value in _SPARSE.items()):
            raise PaxUnclear("its map of holes is of an unknown form")
        if found.path is not None and _STAND_IN.sub(rb"\1\2", found.path) != sparse[b"GNU.sparse.name"]:
            raise PaxUnclear("its map of holes is of another file")
        found.path, found.real_size = sparse[b"GNU.sparse.name"], parse_number(sparse[b"GNU.sparse.realsize"])
    if any(text is not None and (not text or b"\0" in text) for text in (found.path, found.link)):
        raise PaxUnclear("its long name is empty, or has a NUL")
    return found


def _split_records(data: bytes) -> list[tuple[bytes, bytes]]:
    pairs, position, keys = [], 0, set()
    while position < len(data):
        match = _RECORD.match(data, position)
        end = position + int(match[1]) if match else 0
        if match is None or match.end() >= end or end > len(data) or data[end - 1 : end] != b"\n":
            raise PaxUnclear("its extended header cannot be read")
        if match[2] in keys:
            raise PaxUnclear("its extended header says something twice")
        keys.add(match[2])
        pairs.append((match[2], data[match.end() : end - 1]))
        position = end
    return pairs


def parse_time(text: bytes) -> int:
    """Return nanoseconds since 1970. Raise PaxUnclear."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise PaxUnclear("a time in its extended header cannot be read")
    value = int(match[2]) * 10**9 + int((match[3] or b"0").ljust(9, b"0"))
    return -value if match[1] else value


def parse_number(text: bytes) -> int:
    """Return a decimal number. Raise PaxUnclear."""
    if not _NUMBER.fullmatch(text):
        raise PaxUnclear("a number in its extended header cannot be read")
    return int(text)


def read_sparse_map(read_block: Callable[[], bytes]) -> tuple["array[int]", int]:
    """Return the segments with data of a file with holes (offset, length, offset, ...), and the bytes that their map
    takes at the beginning of its data. Raise PaxUnclear."""
    text, numbers, blocks, needed = b"", array("q"), 0, 1
    while len(numbers) < needed:
        text += read_block()
        blocks += 1
        *lines, text = text.split(b"\n")
        for number, line in enumerate(lines):
            numbers.append(parse_number(line))
            if len(numbers) == 1:
                needed = 1 + 2 * numbers[0]
                if needed > 2 * MAX_SEGMENTS:
                    raise PaxUnclear("its map of holes does not end")
            if len(numbers) == needed:
                text = b"\n".join([*lines[number + 1 :], text])
                break
        if len(text) > BLOCK_BYTES:
            raise PaxUnclear("its map of holes cannot be read")
    if text.strip(b"\0"):
        raise PaxUnclear("its map of holes goes on after its end")
    return numbers[1:], blocks * BLOCK_BYTES

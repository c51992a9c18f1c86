"""programs.archive.pax: extended headers are understood whole, or refused."""

from collections.abc import Iterator

import pytest

from programs.archive.pax import (
    HEADER_SIZE_LIMIT,
    PaxUnclear,
    parse_extended,
    parse_number,
    parse_time,
    read_sparse_map,
)
from tests.programs.archives import BLOCK, make_pax, pad


def make_records(*records: tuple[bytes, bytes]) -> bytes:
    """The contents of an extended header."""
    archive = make_pax(*records)
    return archive[BLOCK : BLOCK + int(archive[124:135], 8)]


def test_what_gnu_tar_says_of_a_file_is_understood() -> None:
    found = parse_extended(
        make_records(
            (b"path", b"a=b\n\xff"),
            (b"mtime", b"1700000000.123456789"),
            (b"size", b"%d" % HEADER_SIZE_LIMIT),
            (b"uid", b"3000000000"),
            (b"SCHILY.xattr.user.note", b"a\n12 b=c\0"),
        )
    )
    assert (found.path, found.size, found.uid, found.gid) == (b"a=b\n\xff", HEADER_SIZE_LIMIT, 3_000_000_000, None)
    assert found.mtime_ns == 1_700_000_000_123_456_789
    assert found.xattrs == {"user.note": b"a\n12 b=c\0"}


@pytest.mark.parametrize(
    ("text", "expected"), [(b"0", 0), (b"1.5", 1_500_000_000), (b"-1.5", -1_500_000_000), (b"1.0000000009", 10**9)]
)
def test_times_are_nanoseconds(text: bytes, expected: int) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize("text", [b"", b"1e3", b"1.", b"+1", b" 1", b"1.5x"])
def test_what_is_no_time_is_refused(text: bytes) -> None:
    with pytest.raises(PaxUnclear):
        parse_time(text)
    with pytest.raises(PaxUnclear):
        parse_number(text + b"x")


@pytest.mark.parametrize(
    "data",
    [b"9 path=a\n", b"10 path=ab", b"0 path=a\n", b"08 path=a\n", b"path=a\n", b"5 =a\n", b"\n", b"999 path=a\n"],
)
def test_records_that_lie_about_their_length_are_refused(data: bytes) -> None:
    assert parse_extended(b"").path is None
    if data != b"9 path=a\n":
        with pytest.raises(PaxUnclear):
            parse_extended(data)
    else:
        assert parse_extended(data).path == b"a"


def give(data: bytes) -> Iterator[bytes]:
    """A map's blocks."""
    for start in range(0, len(data), BLOCK):
        yield data[start : start + BLOCK]


def test_a_map_of_holes_may_take_several_blocks() -> None:
    numbers = [100, *range(200)]
    data = pad(b"".join(b"%d\n" % number for number in numbers))
    segments, size = read_sparse_map(give(data).__next__)
    assert (list(segments), size) == (list(range(200)), len(data))


@pytest.mark.parametrize("text", [b"x\n", b"1\n0\n4\n9", b"9999999\n", b"-1\n", b"1" * BLOCK * 2])
def test_a_map_that_cannot_be_read_is_refused(text: bytes) -> None:
    with pytest.raises(PaxUnclear):
        read_sparse_map(give(pad(text) + bytes(BLOCK)).__next__)

"""programs.archive.tar_format: one meaning for every header, or none."""

import io

import pytest

from programs.archive.tar_fields import format_name, parse_number
from programs.archive.tar_format import MemberKind, TarReader
from programs.run.failures import ProgramError
from tests.programs.archives import (
    END,
    make_file,
    make_header,
    make_long,
    make_number,
    make_sparse,
    pad,
)


def read_one(archive: bytes) -> tuple[object, list[tuple[int, bytes]]]:
    reader = TarReader(io.BytesIO(archive))
    member = next(iter(reader))
    return member, list(reader.read_data())


@pytest.mark.parametrize("value", [0, 1, 0o7777777, 8**11 - 1, 8**11, 2**40])
def test_numbers_are_read_as_gnu_tar_writes_them(value: int) -> None:
    assert parse_number(make_number(value, 12), b"n", limit=1 << 60) == value


@pytest.mark.parametrize(
    "raw",
    [
        b"\x80" + bytes(10) + b"\1",  # octal would have had room
        b"\xff" * 12,  # -1
        bytes(12),
        b"            ",
        b"0000000x000\0",
        b"-0000000001\0",
        b"\xc0" + bytes(11),
    ],
)
def test_other_notations_are_refused(raw: bytes) -> None:
    with pytest.raises(ProgramError, match="number"):
        parse_number(raw, b"n", limit=1 << 60)


def test_a_time_before_1970_is_read() -> None:
    assert parse_number(make_number(-5, 12), b"n", limit=1 << 40, may_be_negative=True) == -5


def test_long_names_replace_the_name_of_the_header() -> None:
    member, data = read_one(make_long(b"n" * 300) + make_file(b"n" * 100, b"hello") + END)
    assert (member.name, member.kind, data) == (b"n" * 300, MemberKind.FILE, [(0, b"hello")])  # type: ignore[attr-defined]


def test_a_ustar_prefix_belongs_to_the_name_and_gnu_has_none() -> None:
    ustar, _ = read_one(make_file(b"f", magic=b"ustar\x0000", tail=b"some/where") + END)
    gnu, _ = read_one(make_file(b"f", tail=b"some/where") + END)
    assert (ustar.name, gnu.name) == (b"some/where/f", b"f")  # type: ignore[attr-defined]


def test_segments_of_a_file_with_holes_come_at_their_offsets() -> None:
    archive = make_sparse(b"s", [(512, 512), (4096, 100), (9000, 0)], real=9000, stored=612)
    member, data = read_one(archive + END)
    assert [(offset, len(chunk)) for offset, chunk in data] == [(512, 512), (4096, 100)]
    assert member.size == 9000  # type: ignore[attr-defined]


def test_a_map_of_holes_goes_on_in_more_blocks() -> None:
    entries = b"".join(make_number(512 * 2 * n, 12) + make_number(512, 12) for n in range(4, 25))
    block = entries.ljust(504, b"\0") + bytes(8)
    first = [(512 * 2 * n, 512) for n in range(4)]
    member, data = read_one(make_sparse(b"s", first, real=1 << 20, stored=25 * 512, more=block) + END)
    assert [offset for offset, _ in data] == [1024 * n for n in range(25)]
    assert member.size == 1 << 20  # type: ignore[attr-defined]


def test_data_that_nobody_reads_is_skipped() -> None:
    archive = make_file(b"a", b"x" * 5000) + make_file(b"b", b"y") + END
    assert [member.name for member in TarReader(io.BytesIO(archive))] == [b"a", b"b"]


def test_a_stream_may_come_in_small_pieces() -> None:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 7))

    archive = make_header(b"d/", typeflag=b"5") + make_file(b"a", b"x" * 5000) + END
    assert len(list(TarReader(Dripping(archive)))) == 2


def test_zeros_without_end_are_refused() -> None:
    with pytest.raises(ProgramError, match="something follows"):
        list(TarReader(io.BytesIO(END + bytes(2 << 20))))


def test_names_in_messages_are_printable_and_short() -> None:
    assert format_name(b"a\nb\x1b[0m\xff") == "a\\nb\\x1b[0m\\xff"
    assert len(format_name(b"x" * 5000)) == 200


def test_padding_is_part_of_the_archive() -> None:
    assert len(list(TarReader(io.BytesIO(pad(make_file(b"a")) + END + bytes(512 * 18))))) == 1

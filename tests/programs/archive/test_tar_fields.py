"""programs.archive.tar_fields: what a header says, or a refusal."""

from array import array

import pytest

from programs.archive.tar_fields import check_segments, format_name, make_header_name, parse_number, parse_text
from programs.run.failures import ProgramError
from tests.programs.archives import make_header


def test_a_name_is_safe_to_show() -> None:
    assert format_name(b"a\nb\xff\x1b[2J") == "a\\nb\\xff\\x1b[2J"
    assert len(format_name(b"n" * 500)) == 200


def test_text_ends_at_its_first_nul() -> None:
    assert parse_text(b"name\0\0", b"") == b"name"
    with pytest.raises(ProgramError):
        parse_text(b"name\0more", b"")


def test_only_the_posix_format_has_a_prefix() -> None:
    header = make_header(b"name", tail=b"dir")
    assert make_header_name(header, is_gnu=False) == b"dir/name"
    assert make_header_name(header, is_gnu=True) == b"name"


def test_a_number_has_its_limit() -> None:
    assert parse_number(b"0000010\0", b"n", limit=9) == 8
    with pytest.raises(ProgramError):
        parse_number(b"0000010\0", b"n", limit=8)


def test_a_map_of_holes_holds_what_is_stored() -> None:
    check_segments(array("q", (0, 512, 1024, 3)), size=2048, stored_bytes=515, name=b"n")
    for segments, stored in (((0, 512), 511), ((0, 5, 1024, 3), 8), ((2000, 512), 512)):
        with pytest.raises(ProgramError):
            check_segments(array("q", segments), size=2048, stored_bytes=stored, name=b"n")

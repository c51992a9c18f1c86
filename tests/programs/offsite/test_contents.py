"""The list of contents: read as it was written, and refused otherwise."""

import pytest

from programs.offsite.contents import Contents
from programs.offsite.sealing import Part, Sealed
from programs.run.failures import ProgramError

CONTENTS = Contents(
    backup_id="20261121T080000Z-5f3a9c",
    tenant="saint-paul",
    instance="saint-paul",
    manifest_sha256="0" * 64,
    identity="AGE-SECRET-KEY-1",
    artifacts=(Sealed("manifest.json", 1, "1" * 64, (Part("a/b", 2, "2" * 64, "3" * 32),)),),
)


def test_it_is_read_as_it_was_written_and_hides_its_key() -> None:
    assert Contents.parse(CONTENTS.format()) == CONTENTS
    assert CONTENTS.list_parts() == [Part("a/b", 2, "2" * 64, "3" * 32)]
    assert "AGE-SECRET" not in repr(CONTENTS)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format": 1}', b'{"format": 1, "artifacts": [1]}'])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ProgramError, match="contents_invalid"):
        Contents.parse(data)


def test_a_later_format_is_named() -> None:
    with pytest.raises(ProgramError, match="format_unknown"):
        Contents.parse(b'{"format": 9}')

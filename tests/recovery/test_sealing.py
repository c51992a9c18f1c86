"""recovery.sealing: what is sealed opens with its keys alone, whole or not at all."""

from pathlib import Path
from typing import IO

import pytest

from domain.errors import CiviparoisseError
from recovery.sealing import make_identity, open_sealed, parse_identity, seal

PLAIN = bytes(range(256)) * 4000


def write(stream: IO[bytes]) -> None:
    """Write the plain text."""
    stream.write(PLAIN)


def read(stream: IO[bytes]) -> bytes:
    """Read to the end."""
    return stream.read()


def test_any_of_its_keys_opens_it_and_no_other(tmp_path: Path) -> None:
    (first, one), (second, two), (stranger, _three) = make_identity(), make_identity(), make_identity()
    seal(write, tmp_path / "sealed", [one, two])
    assert (tmp_path / "sealed").stat().st_mode & 0o777 == 0o600
    assert open_sealed(tmp_path / "sealed", first, read) == open_sealed(tmp_path / "sealed", second, read) == PLAIN
    with pytest.raises(CiviparoisseError) as error:
        open_sealed(tmp_path / "sealed", stranger, read)
    assert error.value.code == "archive_sealed_otherwise"


@pytest.mark.parametrize("keep", [0, 50, 300, 70_000, -1])
def test_what_was_cut_or_changed_does_not_open(keep: int, tmp_path: Path) -> None:
    identity, recipient = make_identity()
    seal(write, tmp_path / "sealed", [recipient])
    whole = (tmp_path / "sealed").read_bytes()
    for damaged in (whole[:keep], whole[: keep or 1] + b"\0" + whole[keep or 1 :][1:]):
        if damaged == whole:
            continue
        (tmp_path / "sealed").write_bytes(damaged)
        with pytest.raises(CiviparoisseError) as error:
            open_sealed(tmp_path / "sealed", identity, read)
        assert error.value.code in ("archive_damaged", "archive_sealed_otherwise")


def test_what_the_writer_cannot_read_is_raised(tmp_path: Path) -> None:
    def fail(stream: IO[bytes]) -> None:
        stream.write(PLAIN)
        raise FileNotFoundError("gone")

    with pytest.raises(FileNotFoundError):
        seal(fail, tmp_path / "sealed", [make_identity()[1]])


def test_a_reader_that_stops_early_is_no_failure(tmp_path: Path) -> None:
    identity, recipient = make_identity()
    seal(write, tmp_path / "sealed", [recipient])
    assert open_sealed(tmp_path / "sealed", identity, lambda stream: stream.read(10)) == PLAIN[:10]


def test_a_key_is_read_as_it_is_typed() -> None:
    identity, recipient = make_identity()
    text = str(identity)
    spaced = " ".join(text[place : place + 8] for place in range(0, len(text), 8))
    for typed in (text, f"# created\n{text}\n", spaced.lower(), f"  {text}  \n"):
        assert str(parse_identity(typed).to_public()) == recipient


@pytest.mark.parametrize("typed", ["", "AGE-SECRET-KEY-1WRONG", "age1abc", "\n\n"])
def test_what_is_no_key_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(CiviparoisseError) as error:
        parse_identity(typed)
    assert error.value.code == "recovery_key_invalid" and error.value.params == {}
    assert error.value.__cause__ is None

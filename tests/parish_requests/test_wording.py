"""What people write: kept as they wrote it, refused where no keyboard writes it."""

import pytest

from domain.errors import CiviparoisseError, InvalidValue
from parish_requests.wording import read_line, read_said, read_text


def test_lines_are_kept_and_blanks_around_are_not() -> None:
    assert read_text("why", " un\r\n\tdeux 🎉 \n", length=20) == "un\n\tdeux 🎉"
    assert read_text("why", "", length=20) == ""
    assert read_text("why", "x" * 20, length=20) == "x" * 20


@pytest.mark.parametrize("text", ["x" * 21, "a\0b", "\x1b[31m", "a\u202eb", "a\x7f"])
def test_what_is_too_long_or_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_text("why", text, length=20)
    assert refused.value.params["field"] == "why" and text not in str(refused.value)


@pytest.mark.parametrize("text", ["one\ntwo", "a\tb", "a\u2028b"])
def test_a_line_is_one_line(text: str) -> None:
    with pytest.raises(InvalidValue):
        read_line("channel", text, length=20)
    assert read_line("channel", " par téléphone ", length=20) == "par téléphone"


def test_what_is_needed_is_there() -> None:
    for read in (read_text, read_line):
        with pytest.raises(InvalidValue):
            read("why", " \n", length=20, is_needed=True)
    with pytest.raises(CiviparoisseError) as refused:
        read_said("")
    assert refused.value.code == "request_text_invalid"
    assert read_said(" oui ") == "oui"

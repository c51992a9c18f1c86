"""Files of parameters: one level, texts as written, and no content in a refusal."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CiviparoisseError
from tenants.parish_file import LIMIT_BYTES, read_parish_file, read_password_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for files."""
    return tmp_path


def write(folder: Path, content: str | bytes, name: str = "parish.yaml") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def refuse(path: str) -> str:
    with pytest.raises(CiviparoisseError) as caught:
        read_parish_file(path)
    assert caught.value.code == "file_unreadable"
    assert "hunter" not in str(caught.value)
    return str(caught.value.params["detail"])


def test_yaml_values_are_texts_as_written(folder: Path) -> None:
    content = 'postcode: 01000\nstreet_number: 12\nimap_use_ssl: no\nphone:\ncity: ~\nname: "null"\nimap_host: null\n'
    assert read_parish_file(write(folder, content)) == {
        "postcode": "01000",
        "street_number": "12",
        "imap_use_ssl": "no",
        "phone": "",
        "city": "",
        "name": "null",
        "imap_host": "",
    }


def test_json_values_are_what_they_are(folder: Path) -> None:
    content = '{"name": "É", "smtp_port": 25, "imap_use_ssl": false, "phone": null}'
    values = {"name": "É", "smtp_port": 25, "imap_use_ssl": False, "phone": None}
    assert read_parish_file(write(folder, content, "parish.json")) == values


def test_a_byte_order_mark_and_an_empty_file_are_fine(folder: Path) -> None:
    assert read_parish_file(write(folder, b"\xef\xbb\xbfname: x\n")) == {"name": "x"}
    assert read_parish_file(write(folder, "# nothing\n")) == {}


@pytest.mark.parametrize(
    "content",
    [
        "a: 1\na: 2",
        "a: [1]",
        "a: {b: 1}",
        "- a",
        "text",
        "a: *hunter2",
        "smtp_password: 'hunter2",
        'a: "\\hunter2"',
        "a: 1\n---\nb: 2",
        b"a: \xff",
        b"a: \x00hunter2",
        "? [a]\n: b",
        "[" * 3000,
        "a: " + "x" * LIMIT_BYTES,
        "a: &x [*x]",
    ],
)
def test_other_yaml_is_refused_without_its_content(folder: Path, content: str | bytes) -> None:
    refuse(write(folder, content))


@pytest.mark.parametrize(
    "content", ["", "[]", '"hunter2"', '{"a": hunter2}', '{"a": 1, "a": 2}', "[" * 3000, '{"a": ' + "9" * 5000 + "}"]
)
def test_other_json_is_refused_without_its_content(folder: Path, content: str) -> None:
    refuse(write(folder, content, "parish.json"))


def test_the_line_at_fault_is_named(folder: Path) -> None:
    assert "3" in refuse(write(folder, "a: 1\nb: 2\nc: 'hunter\n"))


@pytest.mark.parametrize("path", ["/nowhere/parish.yaml", "/", "a\0b"])
def test_what_is_no_file_is_refused(path: str) -> None:
    refuse(path)


@pytest.mark.parametrize("content", ["secret", "secret\n", "secret\r\n"])
def test_a_password_is_the_only_line_of_its_file(folder: Path, content: str) -> None:
    assert read_password_file(write(folder, content)) == "secret"


def test_more_lines_stay_to_be_refused_as_a_password(folder: Path) -> None:
    assert read_password_file(write(folder, " a\nb\n")) == " a\nb"


@given(content=st.binary(max_size=300), name=st.sampled_from(["parish.yaml", "parish.json"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    path = write(tmp_path_factory.getbasetemp(), content, name)
    try:
        assert isinstance(read_parish_file(path), dict)
    except CiviparoisseError as error:
        assert error.code == "file_unreadable"

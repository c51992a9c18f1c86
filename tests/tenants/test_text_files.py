"""Text files of people: read whole and in UTF-8, or refused with the reason."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from domain.errors import CiviparoisseError
from domain.strict_yaml import YamlRefused
from tenants.text_files import read_text_file, refuse_yaml

LIMIT = 32


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def refuse(path: str) -> str:
    with pytest.raises(CiviparoisseError) as caught:
        read_text_file(path, limit_bytes=LIMIT)
    assert caught.value.code == "file_unreadable"
    return str(caught.value.params["detail"])


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes("\ufeffé".encode() + b"a" * (LIMIT - 5))
    assert read_text_file(str(path), limit_bytes=LIMIT) == "é" + "a" * (LIMIT - 5)


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    large, binary = tmp_path / "large", tmp_path / "binary"
    large.write_bytes(b"a" * (LIMIT + 1))
    binary.write_bytes(b"\xff\xfe\x00")
    paths = (large, binary, tmp_path, tmp_path / "missing", large / "below", "a\0b")
    assert all(refuse(str(path)) for path in paths)
    assert refuse(str(large)) == "larger than 32 bytes"


def test_standard_input_is_read_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"secret")))
    assert read_text_file("-", limit_bytes=LIMIT, standard_input=True) == "secret"
    assert refuse("-") == "there is no such file"


@pytest.mark.parametrize(
    ("refused", "detail"),
    [
        (YamlRefused("alias", 2), "it has aliases"),
        (YamlRefused("repeated", 3), "a name is given twice near line 3"),
        (YamlRefused("syntax", 4), "line 4 is not YAML"),
        (YamlRefused("syntax", None), "not YAML"),
    ],
)
def test_refused_yaml_says_where(refused: YamlRefused, detail: str) -> None:
    assert refuse_yaml("a.yaml", refused).params == {"path": "a.yaml", "detail": detail}

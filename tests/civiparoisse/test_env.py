"""Settings are read strictly: a wrong value stops the start and says what is accepted."""

from pathlib import Path

import pytest

from civiparoisse.env import SettingInvalid, read_choice, read_flag, read_integer, read_list, read_secret, read_text


@pytest.mark.parametrize(("raw", "expected"), [("1", True), ("TRUE", True), ("no", False), ("0", False)])
def test_a_flag_accepts_the_usual_words(monkeypatch: pytest.MonkeyPatch, raw: str, expected: bool) -> None:
    monkeypatch.setenv("SOME_FLAG", raw)
    assert read_flag("SOME_FLAG", default=not expected) is expected


@pytest.mark.parametrize("raw", ["", "maybe", "2", "Falsch"])
def test_a_flag_that_is_neither_stops_the_start_with_its_name(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("SOME_FLAG", raw)
    with pytest.raises(SettingInvalid, match="SOME_FLAG"):
        read_flag("SOME_FLAG", default=True)


@pytest.mark.parametrize("raw", ["", "-1", "1.5", "ten", "11", "²"])
def test_an_integer_out_of_its_bounds_stops_the_start(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("SOME_SECONDS", raw)
    with pytest.raises(SettingInvalid, match="whole number from 1 to 10"):
        read_integer("SOME_SECONDS", default=5, minimum=1, maximum=10)


def test_unset_values_fall_back_to_their_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_VALUE", raising=False)
    assert read_integer("SOME_VALUE", default=5, minimum=1, maximum=10) == 5
    assert read_flag("SOME_VALUE", default=True) is True
    assert read_text("SOME_VALUE", "x") == "x"
    assert read_list("SOME_VALUE", "a, ,b") == ["a", "b"]


def test_a_choice_names_what_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_CODEC", "rar")
    with pytest.raises(SettingInvalid, match="gzip, zstd"):
        read_choice("SOME_CODEC", default="gzip", choices=("gzip", "zstd"))


def test_a_secret_comes_from_the_variable_then_the_named_file_then_the_default_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named, default = tmp_path / "named", tmp_path / "default"
    named.write_text("from-named\n")
    default.write_text("from-default\n")
    monkeypatch.delenv("SOME_SECRET", raising=False)
    assert read_secret("SOME_SECRET", default_file=default) == "from-default"
    monkeypatch.setenv("SOME_SECRET_FILE", str(named))
    assert read_secret("SOME_SECRET", default_file=default) == "from-named"
    monkeypatch.setenv("SOME_SECRET", "from-variable")
    assert read_secret("SOME_SECRET", default_file=default) == "from-variable"


def test_a_named_file_that_is_missing_stops_the_start_even_with_a_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    default = tmp_path / "default"
    default.write_text("from-default\n")
    monkeypatch.setenv("SOME_SECRET_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SettingInvalid, match="nowhere"):
        read_secret("SOME_SECRET", default_file=default)

"""recovery.places: archives are sent under new names, checked by what the place tells, and found by their names."""

from pathlib import Path

import pytest

from domain.errors import CiviparoisseError
from programs.run.failures import ProgramError
from recovery.archive import measure
from recovery.places import PREFIX, fetch, list_archives, make_destination, make_path, reaching, read_destination, send

ONE, TWO = "20261130T040000Z-0123456789abcdef", "20261130T041500Z-fedcba9876543210"
MANAGER = "a" * 16


def test_what_is_sent_is_found_newest_first_and_comes_back(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    (tmp_path / "sealed").write_bytes(b"sealed" * 1000)
    with reaching(read_destination(tmp_path / "place")) as carrier:
        assert list_archives(carrier) == []
        for name in (ONE, TWO):
            send(carrier, tmp_path / "sealed", make_path(MANAGER, name), sha256=measure(tmp_path / "sealed")[1])
        (tmp_path / "place" / PREFIX / "other").write_text("of somebody else")
        found = list_archives(carrier)
        assert [(one.name, one.manager, one.bytes) for one in found] == [(TWO, MANAGER, 6000), (ONE, MANAGER, 6000)]
        assert found[0].made_at.isoformat() == "2026-11-30T04:15:00+00:00"
        fetch(carrier, found[0].path, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == (tmp_path / "sealed").read_bytes()
    assert (tmp_path / "back").stat().st_mode & 0o777 == 0o600


def test_a_place_that_holds_something_else_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "place").mkdir()
    (tmp_path / "sealed").write_bytes(b"sealed")
    with pytest.raises(CiviparoisseError) as error, reaching(read_destination(tmp_path / "place")) as carrier:
        put = carrier.put

        def put_otherwise(path: Path, name: str) -> None:
            put(path, name)
            (tmp_path / "place" / name).write_bytes(b"foiled")

        monkeypatch.setattr(carrier, "put", put_otherwise)
        send(carrier, tmp_path / "sealed", make_path(MANAGER, ONE), sha256=measure(tmp_path / "sealed")[1])
    assert error.value.code == "destination_failed" and "copy_differs" in error.value.params["detail"]


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    with pytest.raises(CiviparoisseError) as error, reaching(read_destination(tmp_path / "place")) as carrier:
        with pytest.raises(ProgramError):
            fetch(carrier, make_path(MANAGER, ONE), tmp_path / "back")
        fetch(carrier, make_path(MANAGER, ONE), tmp_path / "back")
    assert error.value.code == "destination_failed"


def test_a_file_describes_a_destination(tmp_path: Path) -> None:
    text = "kind: s3\nbucket: copies\nendpoint: http://127.0.0.1:9\naccess_key_id: a\nsecret_access_key: hidden\n"
    (tmp_path / "place.yaml").write_text(text)
    row = read_destination(tmp_path / "place.yaml")
    assert row.kind == "s3" and row.settings["bucket"] == "copies" and row.pk is None


@pytest.mark.parametrize("text", ["", "- a\n", "kind: s3\nkind: s3\n", "{", "kind: s3\nsecret_access_key: hidden\n"])
def test_a_file_that_does_not_is_refused_without_its_secrets(text: str, tmp_path: Path) -> None:
    (tmp_path / "place.yaml").write_text(text)
    with pytest.raises(CiviparoisseError) as error:
        read_destination(tmp_path / "place.yaml")
    assert error.value.code in ("place_unreadable", "invalid_destination") and "hidden" not in str(error.value)


def test_a_place_that_is_away_is_told() -> None:
    data = {"kind": "s3", "bucket": "copies", "endpoint": "http://127.0.0.1:9", "access_key_id": "account"}
    row = make_destination({**data, "secret_access_key": "a hidden word"})
    with pytest.raises(CiviparoisseError) as error, reaching(row) as carrier:
        list_archives(carrier)
    assert error.value.code == "destination_failed" and "hidden" not in str(error.value)

"""programs.receive: the set comes whole or not at all, beside the own ones, and nothing else is written."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from programs.receive import main, receive, write_set
from programs.run.failures import ProgramError
from programs.sets.set_transfer import FOREIGN, get_place
from tests.programs.passing_sides import BACKUP_ID, Sides, make_sides

OTHER = "20261122T080000Z-5f3a9c"


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    return make_sides(tmp_path)


def make_tar(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> io.BytesIO:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = len(content), kind, "/etc/passwd"
            archive.addfile(member, io.BytesIO(content))
    data.seek(0)
    return data


def test_a_set_comes_whole_and_a_former_one_goes(sides: Sides) -> None:
    """The receiver is first: it waits for a sender that does not listen yet."""
    former = get_place(sides.target, OTHER)
    former.mkdir(parents=True)
    (sides.target / OTHER).mkdir()
    with sides.start("receive") as receiver, sides.start("send") as sender:
        assert (receiver.wait(60), sender.wait(60)) == (0, 0)
    place = get_place(sides.target, BACKUP_ID)
    for name in ("manifest.json", "civicrm.sql.gz"):
        assert (place / name).read_bytes() == (sides.source / BACKUP_ID / name).read_bytes()
    assert os.listdir(sides.target / FOREIGN) == [BACKUP_ID] and (sides.target / OTHER).is_dir()
    result = sides.read_result("receive")
    assert (result["backup_id"], result["bytes"], result["source"]) == (BACKUP_ID, 3_000_002, "saint-paul")


def test_another_sender_is_not_believed(sides: Sides) -> None:
    with sides.start("send") as sender:
        with pytest.raises(ProgramError) as raised:
            main(sides.make_environment("receive", SOURCE_NAME="civicrmdb.saint-jean.svc"))
        sender.terminate()
        sender.wait(30)
    assert raised.value.code == "sender_unreachable" and not (sides.target / FOREIGN).exists()


def test_another_key_opens_nothing(sides: Sides) -> None:
    wrong = sides.place / "wrong"
    wrong.write_text("w" * 32)
    with sides.start("send") as sender:
        with pytest.raises(ProgramError) as raised:
            main(sides.make_environment("receive", MANIFEST_KEY_FILE=str(wrong)))
        sender.terminate()
        sender.wait(30)
    assert raised.value.code == "sender_refused"


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/b", ".hidden"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProgramError) as raised:
        write_set(make_tar((name, b"x")), tmp_path)
    assert raised.value.code == "hostile_archive" and os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(ProgramError):
        write_set(make_tar(("x", b""), kind=kind), tmp_path)


def test_a_stream_that_was_cut_leaves_no_set(tmp_path: Path) -> None:
    whole = make_tar(("manifest.json", b"{}"), ("x", b"x" * 100_000)).getvalue()
    for length in (0, 700, 50_000):
        with pytest.raises(ProgramError) as raised:
            receive(io.BytesIO(whole[:length]), tmp_path, BACKUP_ID)
        assert raised.value.code in ("stream_cut", "manifest_missing")
        assert not get_place(tmp_path, BACKUP_ID).exists()
    assert receive(io.BytesIO(whole), tmp_path, BACKUP_ID) == 100_002


def test_a_set_without_its_manifest_is_none(tmp_path: Path) -> None:
    with pytest.raises(ProgramError) as raised:
        write_set(make_tar(("x", b"x")), tmp_path)
    assert raised.value.code == "manifest_missing"


@pytest.mark.parametrize("change", [{"TLS_AUTHORITY": ""}, {"SOURCE_ADDRESS": ""}, {"PASSING_PORT": "x"}])
def test_a_wrong_environment_is_refused(sides: Sides, change: dict[str, str]) -> None:
    with pytest.raises(ProgramError) as raised:
        main(sides.make_environment("receive", **change))
    assert raised.value.code == "environment_invalid"

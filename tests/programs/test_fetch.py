"""programs.fetch: a set comes back with the key of that set alone, whole or not at all."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pyrage
import pytest

from programs.copy import main as copy
from programs.fetch import FETCHING, main
from programs.offsite.carrier import Carrier
from programs.offsite.contents import Contents
from programs.run.failures import ProgramError
from tests.backups.sets import KEY, make_set
from tests.places_away import RCLONE, make_directory_place
from tests.programs.test_copy import make_environment, read_contents


class Away:
    """A set that is away, and what fetches it into another directory."""

    def __init__(self, tmp_path: Path) -> None:
        self.set_dir, self.directory = make_set(tmp_path), tmp_path / "away"
        self.directory.mkdir()
        place = make_directory_place(self.directory)
        result = copy(make_environment(tmp_path, self.set_dir, place))
        assert isinstance(result["contents"], dict)
        carrier = Carrier(place, work_dir=tmp_path, program=RCLONE)
        self.contents: Contents = read_contents(carrier, result["contents"]["name"])
        self.backups = tmp_path / "other"
        self.backups.mkdir()
        (tmp_path / "identity").write_text(self.contents.identity)
        (tmp_path / "contents").write_text(json.dumps([asdict(one) for one in self.contents.artifacts]))
        self.environment = {
            "BACKUPS_DIR": str(self.backups),
            "BACKUP_ID": self.set_dir.name,
            "DESTINATION_FILE": str(tmp_path / "destination"),
            "IDENTITY_FILE": str(tmp_path / "identity"),
            "CONTENTS_FILE": str(tmp_path / "contents"),
            "WORK_DIR": str(tmp_path / "copy-work"),
            "RCLONE": RCLONE,
        }

    def find_object(self, artifact: str) -> Path:
        part = next(one for one in self.contents.artifacts if one.artifact == artifact).parts[0]
        return self.directory / part.name


@pytest.fixture
def away(tmp_path: Path) -> Away:
    return Away(tmp_path)


def test_a_set_comes_back_as_it_was(away: Away) -> None:
    assert main(away.environment)["fetched"]
    got = away.backups / away.set_dir.name
    assert {path.name: path.read_bytes() for path in got.iterdir()} == {
        path.name: path.read_bytes() for path in away.set_dir.iterdir()
    }
    assert os.listdir(away.backups) == [away.set_dir.name]
    assert not main(away.environment)["fetched"]
    assert KEY not in b"".join(path.read_bytes() for path in away.directory.rglob("*") if path.is_file())


def test_a_flipped_bit_is_found_and_no_set_appears(away: Away) -> None:
    path = away.find_object("sites.tar.gz")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ProgramError) as refused:
        main(away.environment)
    assert refused.value.code == "copy_differs"
    assert os.listdir(away.backups) == [f"{FETCHING}{away.set_dir.name}"]
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert main(away.environment)["fetched"]


def test_a_missing_object_and_a_wrong_key_have_codes(away: Away, tmp_path: Path) -> None:
    (tmp_path / "identity").write_text(str(pyrage.x25519.Identity.generate()))
    with pytest.raises(ProgramError) as wrong:
        main(away.environment)
    assert wrong.value.code == "copy_differs"
    (tmp_path / "identity").write_text(away.contents.identity)
    away.find_object("sites.tar.gz").unlink()
    with pytest.raises(ProgramError) as missing:
        main(away.environment)
    assert missing.value.code == "object_missing"


def test_room_is_asked_for_first(away: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    free = os.statvfs_result((4096, 4096, 10, 0, 0, 0, 0, 0, 0, 255))
    monkeypatch.setattr("programs.fetch.os.statvfs", lambda _path: free)
    with pytest.raises(ProgramError) as refused:
        main(away.environment)
    assert refused.value.code == "no_space"


@pytest.mark.parametrize("name", ["../x", ".hidden", "a/b"])
def test_a_name_that_leads_out_of_the_set_is_refused(away: Away, tmp_path: Path, name: str) -> None:
    artifacts = [asdict(one) for one in away.contents.artifacts]
    artifacts[0]["artifact"] = name
    (tmp_path / "contents").write_text(json.dumps(artifacts))
    with pytest.raises(ProgramError) as refused:
        main(away.environment)
    assert refused.value.code == "environment_invalid"

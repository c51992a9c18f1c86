"""programs.fullness: how full volumes are, and a trial that tells a database which is only readable from one that
takes rows."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from programs.databases.client import Client
from programs.fullness import LEAST_BYTES, TABLE, observe_volumes, read_volumes, try_to_write
from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from tests.conftest import ParishDatabases

ROOT = Path(__file__).resolve().parents[2]
# Prints what is told of a volume of 4 MiB that holds argv[3] bytes and argv[4] files more.
LOOK = """
set -e
mount -t tmpfs -o size=4m,nr_inodes=100 tmpfs "$1"
head -c "$3" /dev/zero >"$1/content"
for n in $(seq "$4"); do : >"$1/f$n"; done
"$2" -c 'import json, sys, pathlib; from programs.fullness import observe_volumes;
print(json.dumps(observe_volumes({"db": pathlib.Path(sys.argv[1])})["db"]))' "$1"
"""


@pytest.fixture
def client(parish_databases: ParishDatabases, tmp_path: Path) -> Client:
    server = parish_databases.server
    access = ServerAccess(
        server.host, server.port, parish_databases.user, parish_databases.password, ("civicrm", "drupal", "civilog")
    )
    return Client(access, scratch=tmp_path)


def look(tmp_path: Path, *, content: int, files: int = 0) -> dict[str, int]:
    unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    volume = tmp_path / "volume"
    volume.mkdir()
    command = [*unshare, "sh", "-c", LOOK, "sh", str(volume), sys.executable, str(content), str(files)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=180)
    answer: dict[str, int] = json.loads(done.stdout)
    return answer


def test_the_bytes_of_a_volume_are_told(tmp_path: Path) -> None:
    assert look(tmp_path, content=3 * 1024**2) == {"total": 4 * 1024**2, "free": 1024**2, "percent": 75}


def test_a_volume_without_inodes_is_full_though_it_has_bytes(tmp_path: Path) -> None:
    told = look(tmp_path, content=1, files=95)
    assert told["free"] > 3 * 1024**2 and told["percent"] >= 97


def test_a_volume_that_is_full_to_the_last_byte_is_told(tmp_path: Path) -> None:
    assert look(tmp_path, content=4 * 1024**2) == {"total": 4 * 1024**2, "free": 0, "percent": 100}


def test_a_database_that_takes_rows_is_left_as_it_was(client: Client, tmp_path: Path) -> None:
    assert try_to_write(client, free_bytes=LEAST_BYTES, backups_dir=tmp_path) == ""
    assert client.query(["TABLE_NAME"], f"FROM information_schema.TABLES WHERE TABLE_NAME = '{TABLE}'") == []


def test_what_a_killed_trial_left_goes_with_the_next(
    client: Client, parish_databases: ParishDatabases, tmp_path: Path
) -> None:
    parish_databases.server.execute(f"CREATE TABLE civilog.{TABLE} (id INT)")
    assert try_to_write(client, free_bytes=LEAST_BYTES, backups_dir=tmp_path) == ""
    assert client.query(["TABLE_NAME"], f"FROM information_schema.TABLES WHERE TABLE_NAME = '{TABLE}'") == []


def test_a_database_that_takes_none_is_told_in_its_own_words(
    client: Client, parish_databases: ParishDatabases, tmp_path: Path
) -> None:
    parish_databases.server.execute("SET GLOBAL read_only=1")
    try:
        told = try_to_write(client, free_bytes=LEAST_BYTES, backups_dir=tmp_path)
    finally:
        parish_databases.server.execute("SET GLOBAL read_only=0")
    assert told and "read" in told and parish_databases.password not in told


def test_a_server_without_room_is_not_asked_to_make_a_table(client: Client, tmp_path: Path) -> None:
    told = try_to_write(client, free_bytes=LEAST_BYTES - 1, backups_dir=tmp_path)
    assert told == f"{LEAST_BYTES - 1} bytes are free on the volume of the databases"


def test_nothing_is_tried_while_a_backup_works(client: Client, tmp_path: Path) -> None:
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert try_to_write(client, free_bytes=LEAST_BYTES, backups_dir=tmp_path) is None
    assert try_to_write(client, free_bytes=LEAST_BYTES, backups_dir=tmp_path) == ""


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"db": 5}', '{"db": "relative"}', '{"db": "/nowhere/at/all"}'])
def test_volumes_are_read_strictly(text: str) -> None:
    with pytest.raises(ProgramError) as caught:
        read_volumes({"VOLUMES": text})
    assert caught.value.params == {"variable": "VOLUMES"}


def test_the_machine_s_own_disk_is_neither_empty_nor_beyond_its_end(tmp_path: Path) -> None:
    told = observe_volumes({"db": tmp_path})["db"]
    assert told["total"] > told["free"] > 0 and 0 < told["percent"] <= 100

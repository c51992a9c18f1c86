"""manager_restore: on a machine that has neither keys nor a database, from a place and the paper alone."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from recovery.contents import FLEETING
from recovery.making import make_archive
from recovery.models import ArchiveReason
from tests.gates.source import ROOT
from tests.recovery.archives import make_manager
from tests.servers import MariaDbServer

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 240
PASSWORD = 'only "for" tests'


def run(state: Path, *arguments: str, typed: str = "", **more: str) -> tuple[int, str, str]:
    """Run the manager's command line as on a new machine: no setting, no key, no database."""
    ours = ("CIVIPAROISSE_", "DJANGO_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment | {"CIVIPAROISSE_STATE_DIR": str(state), "LANG": "C.UTF-8"} | more,
        input=typed,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_manager_comes_back_and_reads_its_secrets(tmp_path: Path) -> None:
    key = make_manager(tmp_path / "place")
    archive = make_archive(ArchiveReason.REQUESTED, now=timezone.now())
    assert archive is not None
    new, place = tmp_path / "new", str(tmp_path / "place")
    code, listed, _errors = run(new, "manager_restore", place, "--list", "--json")
    assert code == 0 and [one["name"] for one in json.loads(listed)["archives"]] == [archive.name]
    assert run(new, "manager_restore", place, typed="AGE-SECRET-KEY-1NONSENSE\n")[0] == 1
    code, text, errors = run(new, "manager_restore", place, "--json", typed=f"{key}\n")
    assert code == 0, text + errors
    answer = json.loads(text)
    assert answer["archive"]["name"] == archive.name and answer["rows"] > 0
    assert key not in text + errors
    code, text, errors = run(new, "manager_backup", "--list", "--json")
    assert code == 0, errors
    script = "from tenants.models import Instance; print(Instance.objects.get().secrets['db_password'])"
    code, text, errors = run(new, "shell", "--no-imports", "-c", script)
    assert code == 0 and "a secret of the parish" in text, errors
    # A second time: somebody's manager is there now.
    code, text, _errors = run(new, "manager_restore", place, "--json", typed=f"{key}\n")
    assert code == 1 and json.loads(text)["error"]["code"] == "manager_state_exists"
    file = tmp_path / "paper"
    file.write_text(key)
    arguments = ("--recovery-key-file", str(file), "--replace", str(new), "--json")
    code, text, errors = run(new, "manager_restore", place, *arguments)
    assert code == 0 and Path(json.loads(text)["put_aside"], "manager.sqlite3").exists(), errors


def test_without_an_archive_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    code, text, _errors = run(tmp_path / "new", "manager_restore", str(tmp_path / "place"), "--json", typed="x\n")
    assert code == 1 and json.loads(text)["error"]["code"] == "archive_not_found"


def run_on(server: MariaDbServer, state: Path, *arguments: str, typed: str = "") -> tuple[int, str, str]:
    """The same, with the manager's database on that server."""
    return run(
        state,
        *arguments,
        typed=typed,
        CIVIPAROISSE_DATABASE="mysql",
        CIVIPAROISSE_MYSQL_NAME="manager",
        CIVIPAROISSE_MYSQL_USER="manager",
        CIVIPAROISSE_MYSQL_PASSWORD=PASSWORD,
        CIVIPAROISSE_MYSQL_PORT=str(server.port),
    )


def let_in(server: MariaDbServer) -> None:
    """Give the manager's account its rights; no database."""
    server.execute(
        f"CREATE USER manager@'%' IDENTIFIED BY '{PASSWORD}'",
        "GRANT ALL ON manager.* TO manager@'%'",
    )


def give_keys(folder: Path) -> None:
    """Have a manager's keys in its state directory, as `make setup` does."""
    folder.mkdir(parents=True, mode=0o700)
    for name, text in (("secret_key", "only-for-tests"), ("field_keys", settings.FIELD_KEYS)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)


def read_rows(server: MariaDbServer) -> dict[str, tuple[int, int]]:
    """Rows and checksum of each table, but those that living itself writes."""
    tables = [row[0] for row in server.execute("SHOW TABLES", database="manager")]
    return {
        table: (
            server.execute(f"SELECT COUNT(*) FROM `{table}`", database="manager")[0][0],
            server.execute(f"CHECKSUM TABLE `{table}`", database="manager")[0][1],
        )
        for table in tables
        if table not in FLEETING
    }


MAKE = """
from pathlib import Path
from recovery.sealing import make_identity
from offsite.models import Destination, RecoveryKey
from tenants.models import Instance, Plan, Release, Tenant
from django.utils import timezone
identity, recipient = make_identity()
RecoveryKey.objects.create(recipient=recipient, created_by='cli:marie', proven_at=timezone.now())
Destination.objects.create(name='directory', kind='directory', settings={'path': %r, 'secret': "d'Œuvre \\\\ "})
tenant = Tenant.objects.create(slug='saint-paul', name="Paroisse d’Œuvre « Saint-Paul » 😀", city="L'Haÿ")
print(identity)
"""
ASK = "from offsite.models import Destination; print(Destination.objects.get().settings['secret'])"


def test_a_manager_on_mariadb_comes_back_on_an_empty_server_to_the_last_row(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    old, new = MariaDbServer(), MariaDbServer()
    try:
        for server in (old, new):
            server.start()
            let_in(server)
        give_keys(tmp_path / "old" / "keys")
        old.execute("CREATE DATABASE manager CHARACTER SET utf8mb4")
        code, _text, errors = run_on(old, tmp_path / "old", "migrate", "--verbosity", "0")
        assert code == 0, errors
        code, text, errors = run_on(old, tmp_path / "old", "shell", "--no-imports", "-c", MAKE % str(place))
        assert code == 0, errors
        key = text.split()[-1]
        stop = threading.Event()
        written = threading.Thread(target=write_pairs, args=(old, stop))
        written.start()
        try:
            code, text, errors = run_on(old, tmp_path / "old", "manager_backup", "--json")
        finally:
            stop.set()
            written.join()
        assert code == 0, text + errors
        before = read_rows(old)
        old.kill()
        code, text, errors = run_on(new, tmp_path / "new", "manager_restore", str(place), "--json", typed=f"{key}\n")
        assert code == 0, text + errors
        after = read_rows(new)
        # Of one moment: whatever was written together is there together.
        pairs = [after.pop(name)[0] for name in ("pair_one", "pair_two")]
        assert pairs[0] == pairs[1] > 0
        assert {name: rows for name, rows in before.items() if not name.startswith("pair_")} == after
        code, text, errors = run_on(new, tmp_path / "new", "shell", "--no-imports", "-c", ASK)
        assert code == 0 and "d'Œuvre \\" in text, errors
        assert PASSWORD not in errors
        refuse_and_put_aside(new, tmp_path / "new", place, key)
    finally:
        old.stop()
        new.stop()


def refuse_and_put_aside(server: MariaDbServer, state: Path, place: Path, key: str) -> None:
    """A second time somebody's manager is there: it goes only when that was typed, and into a copy."""
    server.execute("UPDATE tenants_tenant SET city = 'since then'", database="manager")
    code, text, _errors = run_on(server, state, "manager_restore", str(place), "--json", typed=f"{key}\n")
    assert code == 1 and json.loads(text)["error"]["code"] == "manager_state_exists"
    arguments = ("manager_restore", str(place), "--json", "--replace", str(state))
    code, text, errors = run_on(server, state, *arguments, typed=f"{key}\n")
    assert code == 0, text + errors
    assert "since then" in (Path(json.loads(text)["put_aside"]) / "database.sql").read_text()
    assert server.execute("SELECT city FROM tenants_tenant", database="manager") == [("L'Haÿ",)]


def write_pairs(server: MariaDbServer, stop: threading.Event) -> None:
    """Write two rows at a time in one transaction, until told to stop."""
    names = ("pair_one", "pair_two")
    server.execute(*(f"CREATE TABLE {name} (id INT AUTO_INCREMENT PRIMARY KEY)" for name in names), database="manager")
    connection = server.connect(database="manager")
    with connection.cursor() as cursor:
        while True:
            cursor.execute("START TRANSACTION")
            for name in names:
                cursor.execute(f"INSERT INTO {name} VALUES ()")
            cursor.execute("COMMIT")
            if stop.is_set():
                break
    connection.close()

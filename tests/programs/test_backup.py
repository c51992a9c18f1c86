"""programs.backup: a good set, or a named failure and nothing left."""

import ctypes
import fcntl
import json
import os
import random
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from programs.databases.client import Client
from programs.databases.inventory import observe_inventory, observe_row_counts
from programs.run.environment import ServerAccess
from programs.sets.manifest import parse_manifest
from programs.verify import check_set
from tests.programs.parish import ODD_NAMES
from tests.programs.workspace import KEY, Workspace, is_alive, list_descendants, make_backup_id, wait_until
from tests.servers import die_with_parent

RANDOM_POINTS = int(os.environ.get("RANDOM_POINTS", "6"))


def make_client(workspace: Workspace) -> Client:
    databases = workspace.databases
    assert databases is not None
    access = ServerAccess(
        databases.server.host, databases.server.port, databases.user, databases.password, databases.names
    )
    return Client(access, scratch=workspace.home)


def load_set(workspace: Workspace, made: Path) -> None:
    """Drop the databases and load the files of a set with the plain client, as docs/backup-format.md says."""
    databases = workspace.databases
    assert databases is not None
    databases.server.execute(*(f"DROP DATABASE {name}" for name in databases.names))
    for name in ("civilog", "drupal", "civicrm"):
        path = made / f"{name}.sql.gz"
        command = f"gzip -dc {path} | mariadb --no-defaults -S {databases.server.socket} -uroot"
        subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True, timeout=120)


def compute_checksums(workspace: Workspace) -> dict[str, object]:
    """Contents of all tables, as the server sums them."""
    assert workspace.databases is not None
    server = workspace.databases.server
    live = observe_inventory(make_client(workspace))
    sums: dict[str, object] = {}
    for database, found in live.items():
        for table in found.tables:
            quoted = f"`{database}`.`" + table.replace("`", "``") + "`"
            sums[f"{database}.{table}"] = server.execute(f"CHECKSUM TABLE {quoted} EXTENDED")[0][1]
    return sums


def test_a_set_restored_by_hand_gives_the_same_databases(workspace: Workspace) -> None:
    made = workspace.make_backup()
    client = make_client(workspace)
    live, sums = observe_inventory(client), compute_checksums(workspace)
    counts = {name: observe_row_counts(client, name, live[name]) for name in live}
    manifest = parse_manifest((made / "manifest.json").read_bytes())
    assert {n: {t: v.rows for t, v in d.tables.items()} for n, d in manifest.databases.items()} == counts
    assert counts["civicrm"]["contact"] == 200 and counts["civilog"]["log_contact"] == 200
    assert counts["civicrm"]["history"] == 2 and counts["civicrm"]["empty_table"] == 0
    assert {name: counts["drupal"][name] for name in ODD_NAMES} == dict.fromkeys(ODD_NAMES, 3)
    assert manifest.versions.civicrm == "6.1.0" and manifest.server is not None
    load_set(workspace, made)
    again = observe_inventory(client)
    for name, found in live.items():
        for kind, objects in vars(found).items():
            assert getattr(again[name], kind) == objects, (name, kind)
    assert compute_checksums(workspace) == sums
    for kind in ("views", "triggers", "routines", "events", "sequences"):
        assert getattr(manifest.databases["civicrm"], kind) == getattr(again["civicrm"], kind) != {}


def test_a_set_restored_by_hand_gives_the_same_files(files_workspace: Workspace, tmp_path: Path) -> None:
    made = files_workspace.make_backup()
    subprocess.run(["tar", "-xpzf", made / "sites.tar.gz", "-C", tmp_path], check=True, timeout=180)
    own = {".restore-20261121T080000Z-5f3a9c", "lost+found"}
    assert not own & {path.name for path in tmp_path.iterdir()}
    arguments = ["diff", "-r", "--no-dereference", *(f"--exclude={name}" for name in own)]
    subprocess.run([*arguments, files_workspace.files, tmp_path], check=True, timeout=180)
    assert (tmp_path / "sparse").stat().st_blocks < 1000
    assert (made / "sites.tar.gz").stat().st_size < 300_000


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
@pytest.mark.parametrize("scope", ["full", "database", "files"])
def test_each_scope_and_codec_makes_a_good_set(workspace: Workspace, scope: str, codec: str) -> None:
    state = workspace.home / "state.json"
    state.write_text('{"plan": "standard"}')
    made = workspace.make_backup(SCOPE=scope, CODEC=codec, MODE="cold", DESIRED_STATE_FILE=str(state))
    end = {"gzip": "gz", "zstd": "zst"}[codec]
    databases = {f"{name}.sql.{end}" for name in ("civicrm", "drupal", "civilog")} if scope != "files" else set()
    names = [f"{name}.{what}.{end}" for name in ("sites", "private") for what in ("tar", "index")]
    trees = set(names) if scope != "database" else set()
    assert {path.name for path in made.iterdir()} == databases | trees | {"manifest.json", "instance.json"}
    report = check_set(made, key=KEY, expected_tenant="saint-paul")
    assert (report.manifest.scope, report.manifest.mode) == (scope, "cold")
    assert (made / "instance.json").read_text() == '{"plan": "standard"}'
    assert made.stat().st_mode & 0o777 == 0o700
    assert workspace.list_leftovers() == []


def test_the_same_backup_id_gives_the_same_result(files_workspace: Workspace) -> None:
    backup_id = make_backup_id()
    first = files_workspace.run("backup", BACKUP_ID=backup_id)
    (files_workspace.files / "later").touch()
    second = files_workspace.run("backup", BACKUP_ID=backup_id)
    assert first.result is not None and second.result is not None
    # What the run says of itself and of the volume at its end.
    for name in ("duration_seconds", "free_bytes", "volume_bytes"):
        assert first.result.pop(name) and second.result.pop(name)
    assert first.result == second.result
    (files_workspace.backups / backup_id / "sites.tar.gz").write_bytes(b"")
    assert files_workspace.run("backup", BACKUP_ID=backup_id).error == "artifact_damaged"


def test_a_second_backup_is_refused_while_one_runs(files_workspace: Workspace) -> None:
    with (files_workspace.backups / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        outcome = files_workspace.run("backup", BACKUP_ID=make_backup_id())
    assert outcome.error == "backup_busy"
    assert outcome.result is not None and outcome.result["error"]["retryable"] is True
    files_workspace.make_backup()


def test_no_secret_is_on_a_command_line_or_in_an_output(workspace: Workspace) -> None:
    assert workspace.databases is not None
    process = workspace.start("backup", BACKUP_ID=make_backup_id())
    seen = b""
    while process.poll() is None:
        for pid in (process.pid, *list_descendants(process.pid)):
            try:
                seen += Path(f"/proc/{pid}/cmdline").read_bytes() + b"\n"
                if pid != process.pid:
                    seen += Path(f"/proc/{pid}/environ").read_bytes() + b"\n"
            except OSError:
                continue
    outcome = workspace.finish(process)
    assert b"mariadb-dump" in seen
    everything = seen.decode(errors="replace") + outcome.stdout + outcome.stderr + json.dumps(outcome.result)
    assert workspace.databases.password[-16:] not in everything


def test_a_full_disk_is_named_and_leaves_nothing(files_workspace: Workspace) -> None:
    (files_workspace.files / "noise").write_bytes(random.Random(1).randbytes(3_000_000))
    backup_id = make_backup_id()
    outcome = run_limited(files_workspace, backup_id=backup_id, file_bytes=1_000_000)
    assert outcome == "no_space"
    assert files_workspace.list_leftovers() == [] and not (files_workspace.backups / backup_id).exists()
    files_workspace.make_backup(BACKUP_ID=backup_id)


def run_limited(workspace: Workspace, *, backup_id: str, file_bytes: int) -> str:
    """Run the backup where no file may grow over a size: the write fails as on a full disk, for root too."""

    def limit() -> None:
        die_with_parent()
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    env = workspace.make_env(BACKUP_ID=backup_id)
    command = [sys.executable, "-m", "programs.backup"]
    done = subprocess.run(command, env=env, preexec_fn=limit, capture_output=True, timeout=120, cwd="/")
    assert done.returncode == 1, done.stderr
    return str(json.loads(workspace.result.read_bytes())["error"]["code"])


def test_too_little_space_for_another_set_is_refused_first(files_workspace: Workspace) -> None:
    made = files_workspace.make_backup()
    document = json.loads((made / "manifest.json").read_bytes())
    document["artifacts"][0]["stored_bytes"] = 10**18
    (made / "manifest.json").write_text(json.dumps(document))
    outcome = files_workspace.run("backup", BACKUP_ID=make_backup_id())
    assert outcome.error == "no_space"
    assert outcome.result is not None and outcome.result["error"]["params"]["needed"] > 10**18


def test_a_stopped_backup_says_so_and_leaves_nothing(workspace: Workspace) -> None:
    process = workspace.start("backup", BACKUP_ID=make_backup_id())
    wait_until(lambda: list(workspace.backups.glob(".partial-*")))
    process.send_signal(signal.SIGTERM)
    assert workspace.finish(process).error == "stopped"
    assert workspace.list_leftovers() == []


def test_killed_at_random_points_it_never_leaves_a_false_good(workspace: Workspace) -> None:
    seed = random.randrange(10**6)
    sys.stdout.write(f"seed {seed}\n")
    chance = random.Random(seed)
    for point in range(RANDOM_POINTS):
        victim = ("program", "mariadb-dump", "pigz", "tar")[point % 4]
        backup_id = make_backup_id()
        process = workspace.start("backup", BACKUP_ID=backup_id)
        descendants = kill_at_random(process, victim, chance)
        outcome = workspace.finish(process)
        wait_until(lambda found=descendants: not any(is_alive(pid) for pid in found))
        if (workspace.backups / backup_id).exists():
            check_set(workspace.backups / backup_id, key=KEY, expected_tenant="saint-paul")
        else:
            assert outcome.code != 0, (seed, point, victim)
    workspace.make_backup()
    assert workspace.list_leftovers() == []


def kill_at_random(process: "subprocess.Popen[bytes]", victim: str, chance: random.Random) -> list[int]:
    """kill -9 the program or one of its children, after a random wait; returns all children seen."""
    wait = chance.uniform(0, 0.15)

    def find() -> list[int]:
        if victim == "program":
            return [process.pid]
        found = []
        for pid in list_descendants(process.pid):
            try:
                if Path(f"/proc/{pid}/comm").read_text().strip() == victim:
                    found.append(pid)
            except OSError:
                continue
        return found

    targets = wait_until(lambda: find() or process.poll() is not None)
    if victim == "program":
        wait *= 6
    try:
        process.wait(wait)
    except subprocess.TimeoutExpired:
        pass
    descendants = list_descendants(process.pid)
    for pid in (targets if isinstance(targets, list) else [])[:1]:
        if process.poll() is None and is_alive(pid):
            os.kill(pid, signal.SIGKILL)
    return descendants


def test_the_children_die_with_a_killed_program(workspace: Workspace) -> None:
    process = workspace.start("backup", BACKUP_ID=make_backup_id())
    children = wait_until(lambda: len(found := list_descendants(process.pid)) >= 4 and found)
    process.kill()
    process.wait(30)
    wait_until(lambda: not any(is_alive(pid) for pid in children))
    assert len(workspace.list_leftovers()) >= 1
    workspace.make_backup()
    assert workspace.list_leftovers() == []


def test_a_file_nobody_may_read_fails_the_backup(files_workspace: Workspace) -> None:
    (files_workspace.files / "default/unreadable").touch(mode=0)
    done = subprocess.run(
        [sys.executable, "-m", "programs.backup"],
        env=files_workspace.make_env(BACKUP_ID=make_backup_id()),
        preexec_fn=drop_read_capabilities,
        capture_output=True,
        timeout=120,
        cwd="/",
    )
    assert done.returncode == 1, done.stderr
    error = json.loads(files_workspace.result.read_bytes())["error"]
    assert error["code"] == "unreadable_file" and error["params"]["member"] == "./default/unreadable"
    assert files_workspace.list_leftovers() == []


def drop_read_capabilities() -> None:
    """Make root as blind as anybody: CAP_DAC_OVERRIDE (1) and CAP_DAC_READ_SEARCH (2) leave the bounding set."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):
        libc.prctl(24, capability)  # PR_CAPBSET_DROP; refused to an ordinary user, who needs it not

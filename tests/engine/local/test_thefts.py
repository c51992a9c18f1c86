"""Each instance has an account of its own: tried by its own PHP, without its settings too, against its neighbour's
files, keys, sockets and processes. What needs root runs as root; an ordinary user's instances share its account."""

import dataclasses
import http.client
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from domain.specs import Component, InstanceSpec, JobPhase, JobProgram
from engine.local.apache import DISABLED_FUNCTIONS
from engine.local.engine import LocalEngine
from engine.local.layout import OWNED_DIRECTORIES, Layout, make_layout
from engine.local.own_accounts import list_sharing, read_owner
from engine.local.processes import read_record
from engine.local.servers import list_processes
from engine.local.vendor import find_web_programs
from tests.builders import make_spec
from tests.local_engines import make_job, provision, run_to_end, running_local_engine, wait_for_components

IS_ROOT = os.geteuid() == 0
BACKUP_ID = "20261121T080000Z-5f3a9c"

# What a program tries on each path that it is given; prints those that gave something away.
THIEF = """
$stolen = [];
foreach ($paths as $path) {
  if (@file_get_contents($path, false, null, 0, 1) !== false && !is_dir($path)) { $stolen[] = "read $path"; }
  if (is_dir($path) && @scandir($path) !== false) { $stolen[] = "list $path"; }
  if (is_dir($path) && @file_put_contents("$path/planted", "x") !== false) {
    unlink("$path/planted");
    $stolen[] = "write $path";
  }
  if (@stream_socket_client("unix://$path", $number, $text, 1) !== false) { $stolen[] = "connect $path"; }
}
echo json_encode($stolen);
"""


@pytest.fixture(scope="module")
def neighbours() -> Iterator[tuple[LocalEngine, InstanceSpec, InstanceSpec]]:
    """Two parishes that run on one machine."""
    with running_local_engine() as engine:
        specs = (make_spec("saint-paul"), make_spec("sainte-marie"))
        for spec in specs:
            provision(engine, spec)
        yield engine, *specs


def list_paths(layout: Layout) -> list[str]:
    """Return all that an instance has: its files and folders, its sockets, what the kernel tells of its processes."""
    paths = []
    for top in (layout.directory, layout.run):
        for directory, _, files in os.walk(top):
            paths += [directory, *(os.path.join(directory, name) for name in files)]
    record = read_record(layout.record(Component.DB))
    assert record is not None
    return [*paths, *(f"/proc/{record.process.pid}/{name}" for name in ("environ", "fd", "maps"))]


def steal(paths: list[str], uid: int) -> list[str]:
    """Return what a PHP of no settings at all, under this account, gets at."""
    program = f"$paths = json_decode(stream_get_contents(STDIN));{THIEF}"
    answer = subprocess.run(
        [find_web_programs().php, "-n", "-r", program],
        input=json.dumps(paths),
        user=uid if IS_ROOT else None,
        group=uid if IS_ROOT else None,
        extra_groups=[] if IS_ROOT else None,
        capture_output=True,
        text=True,
        cwd="/",
        check=True,
    )
    stolen: list[str] = json.loads(answer.stdout)
    return stolen


def test_the_program_of_one_instance_gets_at_nothing_of_its_neighbour(
    neighbours: tuple[LocalEngine, InstanceSpec, InstanceSpec],
) -> None:
    engine, paul, marie = neighbours
    layouts = [make_layout(engine.root, spec.identifier) for spec in (paul, marie)]
    uids = [os.stat(layout.secret("db_password")).st_uid for layout in layouts]
    paths = list_paths(layouts[1])
    own = steal(paths, uids[1])
    for wanted in (f"read {layouts[1].secret('db_password')}", f"connect {layouts[1].socket.resolve()}"):
        assert wanted in own, "its own program gets at it: the attempt is a real one"
    assert any(line.startswith("write") for line in own)
    if IS_ROOT:
        assert uids[0] != uids[1]
        assert steal(paths, uids[0]) == []
        assert list_sharing(engine.root) == {}
    else:
        assert list_sharing(engine.root) == {os.geteuid(): ["saint-paul", "sainte-marie"]}


def test_everything_of_an_instance_runs_under_its_account(
    neighbours: tuple[LocalEngine, InstanceSpec, InstanceSpec],
) -> None:
    engine, *specs = neighbours
    owners = {spec.identifier: read_owner(make_layout(engine.root, spec.identifier).path("secrets")) for spec in specs}
    processes = list_processes(engine.root)
    assert {mark.split("/")[-2] for mark in processes.values()} == set(owners)
    for process, mark in processes.items():
        expected = owners[mark.split("/")[-2]].uid
        assert os.stat(f"/proc/{process.pid}").st_uid == (os.geteuid() if expected is None else expected)


def ask_page(engine: LocalEngine, spec: InstanceSpec, query: str) -> bytes:
    """Return what the instance's front page answers."""
    address = urlsplit(engine.observe(spec.identifier).url or "")
    connection = http.client.HTTPConnection(address.netloc, timeout=180)
    connection.request("GET", f"/?{query}", headers={"Host": spec.host})
    content = connection.getresponse().read()
    connection.close()
    return content


def test_a_thief_in_the_page_itself_starts_no_program_and_reads_no_neighbour(
    neighbours: tuple[LocalEngine, InstanceSpec, InstanceSpec],
) -> None:
    engine, paul, marie = neighbours
    page = next(engine.root.glob("image/standin-*/standin/web/index.php"))
    honest, names = page.read_text(), json.dumps(DISABLED_FUNCTIONS)
    thief = "<?php echo json_encode(array_values(array_filter(json_decode($_GET['names']), 'function_exists')));"
    thief += "$paths = json_decode($_GET['paths']);" + THIEF
    paths = [str(make_layout(engine.root, marie.identifier).secret(name)) for name in ("db_password", "manifest_key")]
    page.chmod(0o644)
    page.write_text(thief)
    try:
        query = f"names={quote(names)}&paths={quote(json.dumps(paths))}"
        assert ask_page(engine, paul, query) == b"[][]"
        mine = [str(make_layout(engine.root, paul.identifier).path("files") / "default" / "settings.php")]
        answer = ask_page(engine, paul, f"names=[%22strlen%22]&paths={quote(json.dumps(mine))}")
        assert answer.startswith(b'["strlen"]["read '), "the attempt is a real one"
    finally:
        page.write_text(honest)
        page.chmod(0o444)


def make_set(engine: LocalEngine, spec: InstanceSpec) -> None:
    """Back the instance up."""
    job = make_job("backup-lent", JobProgram.BACKUP, BACKUP_ID=BACKUP_ID, SCOPE="full")
    status = run_to_end(engine, spec, job)
    assert status.phase is JobPhase.SUCCEEDED, (status.result, status.log_tail)


def test_a_copy_is_made_from_its_original_s_set_and_is_its_own(
    neighbours: tuple[LocalEngine, InstanceSpec, InstanceSpec],
) -> None:
    engine, paul, _marie = neighbours
    make_set(engine, paul)
    copy = dataclasses.replace(make_spec("saint-paul-sandbox"), tenant=paul.tenant)
    provision(engine, copy)
    job = make_job("verify-lent", JobProgram.VERIFY, set_of=paul.identifier, BACKUP_ID=BACKUP_ID)
    status = run_to_end(engine, copy, job)
    assert status.phase is JobPhase.SUCCEEDED, (status.result, status.log_tail)
    layout = make_layout(engine.root, copy.identifier)
    assert not (layout.job(job.name) / "secrets").exists(), "the lent key went with the run"
    if IS_ROOT:
        lent = make_layout(engine.root, paul.identifier).backup_set(BACKUP_ID)
        owner = read_owner(layout.path("secrets"))
        assert owner.uid is not None
        assert steal([str(lent), *map(str, lent.iterdir())], owner.uid) == [], "lent to that run, not to the account"
    assert engine.delete(copy.identifier, keep_backups=False).remains == ()


def test_an_instance_of_the_time_of_one_account_gets_its_own_and_runs_on(
    neighbours: tuple[LocalEngine, InstanceSpec, InstanceSpec],
) -> None:
    engine, paul, _marie = neighbours
    shared = LocalEngine(engine.root, ports=engine.ports, account="www-data")
    layout = make_layout(engine.root, paul.identifier)
    for chosen in (shared, engine):
        chosen.apply(paul)
        wait_for_components(chosen, paul)
        owner = read_owner(layout.path("secrets"))
        for name in OWNED_DIRECTORIES:
            for directory, _, files in os.walk(layout.path(name)):
                for path in (Path(directory), *(Path(directory, file) for file in files)):
                    assert owner.uid in (None, path.lstat().st_uid), path
        result = chosen.probe(paul)
        assert result.ok, result.detail
    status = run_to_end(engine, paul, make_job("cron-after", JobProgram.CRON))
    assert status.phase is JobPhase.SUCCEEDED, (status.result, status.log_tail)

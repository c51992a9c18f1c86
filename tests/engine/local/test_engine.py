"""The local engine keeps the contract; and what is its own: restarts, pids, accounts, limits."""

import dataclasses
import functools
import http.client
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from domain.errors import CiviparoisseError
from domain.specs import Component, ComponentPhase, InstanceSpec
from engine.base import Engine
from engine.local.engine import LocalEngine
from engine.local.layout import make_layout
from engine.local.ports import read_claims
from engine.local.processes import find_processes, read_record, send_signal
from engine.local.servers import list_processes
from tests.builders import make_plan, make_resources, make_spec
from tests.engine.contract import EngineContract, connect, list_visible_databases
from tests.engine.local.conftest import RunningParish
from tests.local_engines import choose_ports, provision, running_local_engine, wait_for_components, wait_until


def make_engine(root: Path, ports: range) -> LocalEngine:
    """Return another engine on the same place."""
    return LocalEngine(root, ports=ports, account=None)


class TestContract(EngineContract):
    """Saint-Paul runs on a root of the class's own."""

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> Iterator[Engine]:
        with running_local_engine() as engine:
            yield engine

    @pytest.fixture(scope="class")
    @classmethod
    def factory(cls, engine: LocalEngine) -> Callable[[], Engine]:
        return functools.partial(make_engine, engine.root, engine.ports)

    @pytest.fixture(scope="class")
    @classmethod
    def spec(cls, engine: Engine) -> InstanceSpec:
        spec = make_spec("saint-paul")
        provision(engine, spec)
        return spec

    def visit(self, engine: Engine, spec: InstanceSpec) -> None:
        """Read the page on its own port."""
        address = urlsplit(engine.observe(spec.identifier).url or "")
        connection = http.client.HTTPConnection(address.netloc, timeout=180)
        connection.request("GET", "/", headers={"Host": spec.host, "User-Agent": "Firefox"})
        assert connection.getresponse().status == http.client.OK
        connection.close()


def get_pids(parish: RunningParish) -> dict[Component, int]:
    layout = make_layout(parish.engine.root, parish.spec.identifier)
    records = {component: read_record(layout.record(component)) for component in (Component.DB, Component.HTTPD)}
    return {component: record.process.pid for component, record in records.items() if record is not None}


def test_a_second_apply_restarts_nothing(parish: RunningParish) -> None:
    before = get_pids(parish)
    parish.engine.apply(parish.spec)
    assert get_pids(parish) == before


def test_a_changed_configuration_restarts_the_right_server_only(parish: RunningParish) -> None:
    before = get_pids(parish)
    plan = parish.spec.plan
    changed = make_plan(prefork=dataclasses.replace(plan.prefork, max_connections_per_child=100))
    parish.engine.apply(dataclasses.replace(parish.spec, plan=changed))
    after = get_pids(parish)
    assert after[Component.DB] == before[Component.DB]
    assert after[Component.HTTPD] != before[Component.HTTPD]
    containers = {**plan.containers, "db": make_resources(512, 500)}
    parish.engine.apply(dataclasses.replace(parish.spec, plan=dataclasses.replace(changed, containers=containers)))
    last = get_pids(parish)
    assert last[Component.DB] != after[Component.DB]
    assert last[Component.HTTPD] == after[Component.HTTPD]
    parish.engine.apply(parish.spec)
    wait_for_components(parish.engine, parish.spec)


def test_a_killed_server_is_seen_as_failed_and_comes_back(parish: RunningParish) -> None:
    layout = make_layout(parish.engine.root, parish.spec.identifier)
    for component in (Component.DB, Component.HTTPD):
        record = read_record(layout.record(component))
        assert record is not None
        send_signal(record.process, signal.SIGKILL)
        wait_until(lambda record=record: not record.is_alive(), "it is dead")  # type: ignore[misc]
        assert parish.engine.observe("saint-paul").components[component].phase is ComponentPhase.FAILED
        parish.engine.apply(parish.spec)
        wait_for_components(parish.engine, parish.spec)
    assert parish.engine.probe(parish.spec).ok


def test_nothing_of_an_instance_runs_as_root_or_belongs_to_it(parish: RunningParish) -> None:
    uid = make_layout(parish.engine.root, "saint-paul").path("secrets").stat().st_uid
    assert uid in parish.engine.numbers if os.geteuid() == 0 else uid == os.geteuid()
    found = list_processes(parish.engine.root)
    assert len(found) >= 3  # database server, Apache and its workers
    for process in found:
        assert os.stat(f"/proc/{process.pid}").st_uid == uid
    layout = make_layout(parish.engine.root, "saint-paul")
    for name in ("db", "files", "private", "run", "log", "backups", "secrets"):
        for directory, _, files in os.walk(layout.path(name)):
            for path in (Path(directory), *(Path(directory, file) for file in files)):
                assert path.lstat().st_uid == uid, path
    for name in ("config", "records", "jobs"):
        assert layout.path(name).stat().st_uid == os.geteuid()
        assert not layout.path(name).stat().st_mode & stat.S_IWGRP


def test_no_secret_is_readable_by_others_or_on_a_command_line(parish: RunningParish) -> None:
    layout = make_layout(parish.engine.root, "saint-paul")
    values = [getattr(parish.spec.secrets, field.name) for field in dataclasses.fields(parish.spec.secrets)]
    for path in layout.path("secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
    for process in list_processes(parish.engine.root):
        shown = Path(f"/proc/{process.pid}/cmdline").read_bytes() + Path(f"/proc/{process.pid}/environ").read_bytes()
        assert not [value for value in values if value != "admin" and value.encode() in shown]
    for path in (*layout.path("config").iterdir(), *layout.path("jobs").rglob("spec.json")):
        text = path.read_text()
        assert not [value for value in values if value != "admin" and value in text]


def test_the_account_sees_its_three_databases_only(parish: RunningParish) -> None:
    database = connect(parish.engine.observe("saint-paul"), parish.spec)
    assert list_visible_databases(database) == ["civicrm", "civilog", "drupal"]


def test_limits_are_enforced_or_the_reason_is_said(parish: RunningParish) -> None:
    limits = parish.engine.observe("saint-paul").limits
    assert "db: " in limits and "httpd: " in limits
    assert "384 MiB, CPU 250m" in limits or "not enforced" in limits


def test_a_root_too_deep_for_a_socket_is_refused_with_what_to_do() -> None:
    engine = LocalEngine(Path("/tmp") / ("d" * 80), ports=choose_ports(), account=None)
    with pytest.raises(CiviparoisseError) as raised:
        engine.apply(make_spec("saint-paul"))
    assert raised.value.code == "path_too_long"
    assert "CIVIPAROISSE_STATE_DIR" in raised.value.hint


def test_uploads_are_served_but_never_executed(parish: RunningParish) -> None:
    layout = make_layout(parish.engine.root, "saint-paul")
    uploads = layout.path("files") / "default" / "files"
    program = "<?php echo 6 * 7;"
    for name, text in (
        ("bad.php", program),
        ("index.php", program),
        (".htaccess", "SetHandler application/x-httpd-php\n"),
    ):
        path = uploads / name
        path.write_text(text)
        path.chmod(0o644)
    url = parish.engine.observe("saint-paul").url
    assert url is not None

    def ask(path: str, host: str = parish.spec.host) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"), timeout=180)
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    for name in ("bad.php", "index.php"):
        assert ask(f"/sites/default/files/{name}") == (200, program.encode())
    assert ask("/sites/default/files/logo.gif")[1].startswith(b"GIF89a")
    for path in (
        "/sites/default/settings.php",
        "/sites/default/files/../settings.php",
        "/databases.php",
        "/databases.php/x",
    ):
        assert ask(path)[0] in (403, 404), path
    assert ask("/", host="elsewhere.example.org")[0] == 400


def test_an_ordinary_user_runs_instances_too() -> None:
    """The body runs in a process that drops to another account first when the suite is root's."""
    root = Path(tempfile.mkdtemp(prefix="cpu-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(root, nobody.pw_uid, nobody.pw_gid)
        command = [sys.executable, "-m", "tests.engine.local.ordinary_user", str(root)]
        repository = Path(__file__).resolve().parents[3]
        answer = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=120, check=False)
        assert answer.returncode == 0, answer.stderr
        assert answer.stdout.splitlines()[-1] == "provisioned and purged"
        assert find_processes(str(root)) == {}
    finally:
        shutil.rmtree(root)


def test_a_port_that_was_taken_while_its_server_was_stopped_is_changed_for_another(parish: RunningParish) -> None:
    """Web and database: the site answers on new ports, its settings follow, and the other's server is left alone."""
    engine, spec = parish.engine, parish.spec
    before = read_claims(engine.root, spec.identifier)
    engine.suspend(dataclasses.replace(spec, components=frozenset()))
    squatters = []
    try:
        for port in before.values():
            squatter = socket.socket()
            squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            squatter.bind(("127.0.0.1", port))
            squatter.listen()
            squatters.append(squatter)
        engine.resume(spec)
        wait_for_components(engine, spec)
        after = read_claims(engine.root, spec.identifier)
        assert not set(after.values()) & set(before.values())
        wait_until(lambda: engine.probe(spec).ok, "the page answers")
    finally:
        for squatter in squatters:
            squatter.close()

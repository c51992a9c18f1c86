"""What the commands have in common, as a script meets it: one JSON document, exit codes, a dry run."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet import ROOT, Fleet, wait_until


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    """A manager without any worker."""
    manager = Fleet()
    try:
        yield manager
    finally:
        manager.stop()


def make_instance(fleet: Fleet, slug: str, state: str = "new") -> None:
    fleet.call("make_instance", slug=slug, state=state)


def test_wait_without_a_worker_ends_with_one_json_document(fleet: Fleet) -> None:
    make_instance(fleet, "saint-paul")
    done = fleet.manage("instance_provision", "saint-paul", "--wait", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["state"], answer["progress"], answer["kind"]) == ("succeeded", 100, "provision")
    assert answer["requested_by"].startswith("cli:")
    assert set(fleet.engine.count_effects("saint-paul").values()) == {1}


def test_a_failed_operation_is_exit_code_1(fleet: Fleet) -> None:
    make_instance(fleet, "ill")
    fleet.engine.fail("ill", "run_job init", times=1, code="no_space")
    done = fleet.manage("instance_provision", "ill", "--wait", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "program_failed"


def test_a_refusal_is_one_json_document_too(fleet: Fleet) -> None:
    done = fleet.manage("instance_suspend", "nowhere", "--json")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert {"code", "message", "hint"} <= set(error)
    assert error["code"] == "not_found"


def test_a_refusal_for_people_is_on_stderr(fleet: Fleet) -> None:
    done = fleet.manage("instance_suspend", "nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_command_line_is_one_json_document_too(fleet: Fleet) -> None:
    for words in (("instance_suspend",), ("operation_list", "--limit", "-3"), ("instance_resume", "x", "--no-such")):
        done = fleet.manage(*words, "--json")
        assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (2, "command_line_invalid")
        assert "usage" in done.stderr
    assert fleet.manage("instance_suspend", "x", "--idempotency-key", "").returncode == 2
    assert fleet.manage("operation_list", "--help").returncode == 0


def test_a_missing_database_is_told_and_is_no_traceback(tmp_path: Path) -> None:
    environment = {**os.environ, "CIVIPAROISSE_SQLITE_PATH": str(tmp_path / "missing" / "manager.sqlite3")}
    command = [sys.executable, str(ROOT / "manage.py"), "operation_list", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "database_unavailable")
    assert "Traceback" not in done.stderr


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(fleet: Fleet) -> None:
    make_instance(fleet, "dry")
    before = fleet.call("read")
    done = fleet.manage("instance_provision", "dry", "--dry-run", "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert answer["dry_run"] is True
    assert len(answer["steps"]) >= 6
    assert fleet.call("read") == before


def test_the_same_idempotency_key_starts_nothing_twice(fleet: Fleet) -> None:
    make_instance(fleet, "twice")
    command = ("instance_provision", "twice", "--json", "--idempotency-key", "monday")
    first, second = (json.loads(fleet.manage(*command).stdout) for _ in range(2))
    assert first["id"] == second["id"]


def test_an_interrupted_follower_leaves_the_operation_to_the_workers(fleet: Fleet) -> None:
    make_instance(fleet, "long")
    fleet.engine.block("long", call=2, moment="before")
    following = fleet.start_manage("instance_provision", "long", "--wait")
    wait_until(lambda: fleet.engine.is_blocked("long"), seconds=180, what="the follower works")
    following.send_signal(signal.SIGINT)
    assert following.wait(30) == 130
    operation = fleet.call("read")["long"]
    assert operation["state"] == "waiting", "free at once, not after the lease"
    assert operation["id"] in fleet.read_log()


def test_a_command_asks_as_an_account_by_its_permissions(fleet: Fleet) -> None:
    make_instance(fleet, "asked-as")
    for name, role in (("lea", "reader"), ("omar", "operator")):
        assert fleet.manage("user_create", name, "--role", role, "--json").returncode == 0
    refused = fleet.manage("instance_provision", "asked-as", "--as", "lea", "--json")
    assert json.loads(refused.stdout)["error"]["code"] == "permission_missing"
    unknown = fleet.manage("instance_provision", "asked-as", "--as", "nobody", "--dry-run", "--json")
    assert json.loads(unknown.stdout)["error"]["code"] == "not_found"
    asked = fleet.manage("instance_provision", "asked-as", "--as", "omar", "--json")
    answer = json.loads(asked.stdout)
    assert answer["requested_by"].startswith("cli:") and answer["requested_by"].endswith(" as omar")
    refused = fleet.manage("operation_cancel", answer["id"], "--as", "lea", "--json")
    assert json.loads(refused.stdout)["error"]["code"] == "permission_missing"
    assert fleet.manage("operation_cancel", answer["id"], "--as", "omar").returncode == 0

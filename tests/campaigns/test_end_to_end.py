"""A campaign by real processes, asked for by commands: workers are killed at work, one parish fails, it stops by its
rule, somebody goes on, then has what failed tried again."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from domain.specs import ALL_COMPONENTS
from tests.fleet import Fleet, wait_until

# A lost doorbell is replaced by the clock within a minute; a machine under load takes its time.
PATIENCE_SECONDS = 300
PARISHES = ("ain", "bourg", "colmar")


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """A manager of several processes, and three parishes whose sites run."""
    manager = Fleet()
    try:
        for name in PARISHES:
            manager.engine.set_up(name, running=ALL_COMPONENTS)
            manager.call("make_instance", slug=name, state="active")
        manager.start_beat()
        yield manager
    finally:
        manager.stop()


def manage(fleet: Fleet, *words: str) -> dict[str, Any]:
    done = fleet.manage(*words, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def wait_for(fleet: Fleet, public_id: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return the campaign once it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = manage(fleet, "campaign_show", public_id)
        if is_so(answer):
            return answer
        assert time.monotonic() < deadline, (answer, fleet.read_log()[-3000:])


def list_states(answer: dict[str, Any]) -> list[str]:
    return [member["state"] for member in answer["members"]]


def kill_at_work(fleet: Fleet, worker: Any, name: str) -> Any:
    """Kill the worker while it is at the backup of `name`; return the one that takes over."""
    wait_until(lambda: fleet.engine.is_blocked(name), seconds=PATIENCE_SECONDS, what=f"the backup of {name} begins")
    fleet.kill(worker)
    fleet.engine.unblock(name)
    return fleet.start_worker()


def test_a_campaign_of_backups_through_kills_failure_pause_and_retry(fleet: Fleet) -> None:
    first, failing, last = PARISHES
    fleet.engine.block(first, call=1, moment="before")
    fleet.engine.block(last, call=1, moment="before")
    fleet.engine.fail(failing, "run_job backup", times=1, code="told_to_fail")
    worker = fleet.start_worker()
    options = ("--name", "November", "--kind", "backup", "--waves", "1,rest", "--at-once", "1")
    planned = manage(fleet, "campaign_create", *options, "--dry-run")
    assert [(row["instance"], row["wave"]) for row in planned["members"]] == [(first, 1), (failing, 2), (last, 2)]
    campaign = manage(fleet, "campaign_create", *options, "--start")["id"]
    worker = kill_at_work(fleet, worker, first)
    stopped = wait_for(fleet, campaign, lambda answer: answer["state"] == "paused")
    assert stopped["why_paused"] == "share" and list_states(stopped) == ["done", "failed", "waiting"]
    manage(fleet, "campaign_resume", campaign)
    kill_at_work(fleet, worker, last)
    done = wait_for(fleet, campaign, lambda answer: answer["state"] == "done")
    assert list_states(done) == ["done", "failed", "done"] and done["standing"]["percent"] == 100
    assert done["members"][1]["error"]["code"] == "program_failed" and done["members"][1]["message"]
    manage(fleet, "campaign_retry", campaign)
    again = wait_for(fleet, campaign, lambda answer: answer["state"] == "done")
    assert list_states(again) == ["done"] * 3 and [member["attempt"] for member in again["members"]] == [1, 2, 1]
    moves = [event["what"] for event in again["events"]]
    assert [what for what in moves if what != "reported"] == [
        *("created", "start", "stop", "resume", "finish", "retry", "finish"),
    ]
    operations = manage(fleet, "operation_list")["operations"]
    own = [row for row in operations if row["requested_by"] == f"campaign {campaign}"]
    assert sorted((row["instance"], row["state"]) for row in own) == [
        (first, "succeeded"),
        (failing, "failed"),
        (failing, "succeeded"),
        (last, "succeeded"),
    ]

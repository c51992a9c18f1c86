"""A whole life on the local engine, the worker killed at a random moment of every operation."""

import random
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.local.engine import LocalEngine
from engine.local.servers import stop_all
from tests.fleet import Fleet, wait_until
from tests.local_engines import choose_ports

SLUG = "saint-paul"
ENDS_SECONDS = 600


@pytest.fixture
def place() -> Iterator[Path]:
    """Where the instances live: short, and open to the account that runs them."""
    root = Path(tempfile.mkdtemp(prefix="cpk-", dir="/tmp"))
    root.chmod(0o755)
    try:
        yield root
    finally:
        stop_all(root)
        shutil.rmtree(root)


@pytest.fixture
def fleet(place: Path) -> Iterator[Fleet]:
    """A manager whose instances are real processes of this machine."""
    ports = choose_ports()
    manager = Fleet(
        CIVIPAROISSE_LOCAL_ROOT=str(place),
        CIVIPAROISSE_LOCAL_FIRST_PORT=str(ports.start),
        CIVIPAROISSE_LOCAL_LAST_PORT=str(ports.stop - 1),
    )
    try:
        yield manager
    finally:
        manager.stop()


def run_and_kill(fleet: Fleet, moment: float, kind: str, **parameters: Any) -> dict[str, Any]:
    """Ask for an operation, kill the worker `moment` seconds after it began, and return how it ended."""
    worker = fleet.start_worker()
    public_id = fleet.call("ask_next", slug=SLUG, kind=kind, parameters=parameters)
    begun = f"{public_id} {kind} {SLUG} "
    wait_until(lambda: fleet.read_log().count(begun) > 0, seconds=180, what=f"{kind} begins")
    deadline = time.monotonic() + moment
    wait_until(lambda: time.monotonic() >= deadline, seconds=moment + 5, what="the moment")
    fleet.kill(worker)
    successor = fleet.start_worker()
    ended: dict[str, Any] = fleet.call("wait_for_all", seconds=ENDS_SECONDS)[SLUG]
    fleet.kill(successor)
    assert (ended["id"], ended["state"], ended["lock"]) == (public_id, "succeeded", None), str(ended)
    return ended


def test_a_life_with_a_kill_in_every_operation(fleet: Fleet, place: Path) -> None:
    seed = secrets.randbelow(10**6)
    sys.stdout.write(f"seed {seed}\n")
    moments = random.Random(seed)
    engine = LocalEngine(place, ports=choose_ports(), account=None)
    fleet.start_beat()
    fleet.call("make_instance", slug=SLUG, engine="local")

    run_and_kill(fleet, moments.uniform(0, 6), "provision")
    backup_id = run_and_kill(fleet, moments.uniform(0, 3), "backup")["result"]["backup_id"]
    assert engine.observe(SLUG).backup_ids == (backup_id,)
    resized = run_and_kill(fleet, moments.uniform(0, 2), "resize", plan="large")
    upgraded = run_and_kill(fleet, moments.uniform(0, 5), "upgrade", release="next")
    assert (resized["made_of"][0], upgraded["made_of"][:2]) == ("large", ["large", "next"])
    run_and_kill(fleet, moments.uniform(0, 1), "suspend")
    assert engine.observe(SLUG).is_running(frozenset())
    run_and_kill(fleet, moments.uniform(0, 2), "resume")
    run_and_kill(fleet, moments.uniform(0, 6), "restore", backup_id=backup_id, confirm=SLUG)
    assert len(engine.observe(SLUG).backup_ids) == 3, "the backup and two safety backups"
    ended = run_and_kill(fleet, moments.uniform(0, 4), "delete")
    assert ended["instance_state"] == "deleted"
    left = engine.observe(SLUG)
    assert (left.remains, len(left.backup_ids)) == ((), 4), "nothing but the backups, one final backup among them"

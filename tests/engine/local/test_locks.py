"""One holder at a time, also when a holder removes the lock's file."""

import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine.local.locks import instance_lock
from tests.local_engines import wait_until


def test_only_one_holds_it_even_when_holders_remove_it(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def hold(number: int) -> None:
        with instance_lock(tmp_path, "saint-paul") as path:
            inside.append(number)
            most.append(len(inside))
            inside.remove(number)
            if number % 2:
                path.unlink()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hold, range(64)))
    assert max(most) == 1
    assert len(most) == 64


def hold_for_ever(root: Path, ready: Path) -> None:
    with instance_lock(root, "saint-paul"):
        ready.touch()
        signal.pause()


def test_a_killed_holder_lets_it_go(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=hold_for_ever, args=(tmp_path, tmp_path / "ready"))
    process.start()
    wait_until((tmp_path / "ready").exists, "it is held")
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    with instance_lock(tmp_path, "saint-paul"):
        pass
    process.join(timeout=120)


def test_others_are_not_held(tmp_path: Path) -> None:
    with instance_lock(tmp_path, "saint-paul"), instance_lock(tmp_path, "saint-jean"):
        assert sorted(os.listdir(tmp_path / "locks")) == ["saint-jean", "saint-paul"]

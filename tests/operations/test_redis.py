"""A real Redis as the broker, wiped and killed in the middle of everything: it is a doorbell, and nothing is lost."""

import contextlib
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from redis import Redis
from redis.exceptions import RedisError

from tests.fleet import Fleet, wait_until
from tests.servers import die_with_parent, find_free_port

# One program under several names: as redis-check-rdb it comes without a service that would start by itself.
PROGRAM = shutil.which("redis-server") or "/usr/bin/redis-check-rdb"
PARISHES = [f"parish-{number}" for number in range(4)]
# END_SECONDS: less than a call of the fleet may take, so that what is not done is told by name.
START_SECONDS, END_SECONDS = 180, 600


class RedisServer:
    """A server of its own that keeps nothing on disk."""

    def __init__(self, directory: Path, *, options: Sequence[str] = (), **client: Any) -> None:
        """`options`: more of its command line; `client`: how it is reached then."""
        self.port, self.directory, self.options = find_free_port(), directory, options
        self.client = Redis(port=self.port, socket_timeout=10, **client)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.directory)]
        options += [option.format(port=self.port) for option in self.options]
        with (self.directory / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["redis-server", *options], executable=PROGRAM, stdout=log, stderr=log, preexec_fn=die_with_parent
            )
        wait_until(self.answers, seconds=START_SECONDS, what="Redis answers")

    def answers(self) -> bool:
        with contextlib.suppress(RedisError):
            return bool(self.client.ping())
        return False

    def kill(self) -> None:
        """kill -9 it: what it held is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)

    def count_messages(self) -> int:
        return int(self.client.llen("celery"))  # type: ignore[arg-type]

    def count_rings(self) -> int:
        """How many messages were put into it since it was started."""
        told = self.client.info("commandstats").get("cmdstat_lpush", {})  # type: ignore[union-attr]
        return int(told.get("calls", 0))


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    assert os.access(PROGRAM, os.X_OK), "Redis is missing: scripts/ensure-packages"
    server = RedisServer(tmp_path)
    server.start()
    try:
        yield server
    finally:
        server.client.close()
        server.kill()


@pytest.fixture
def fleet(redis: RedisServer) -> Iterator[Fleet]:
    url = f"redis://127.0.0.1:{redis.port}/0"
    manager = Fleet(CIVIPAROISSE_BROKER="redis", CIVIPAROISSE_REDIS_URL=url)
    try:
        yield manager
    finally:
        manager.stop()


def ask(fleet: Fleet, kind: str) -> None:
    asked = {"kind": kind, "state": "new", "parameters": {}}
    fleet.call("ask", scenarios=[{"slug": slug, **asked} for slug in PARISHES])


def check_all_done_once(fleet: Fleet) -> None:
    ended = fleet.call("wait_for_all", seconds=END_SECONDS)
    assert set(ended) == set(PARISHES)
    for slug, operation in ended.items():
        told = (slug, operation, fleet.read_log()[-9000:])
        assert (operation["state"], operation["lock"]) == ("succeeded", None), told
        done = Counter(step for step, message in operation["events"] if message == "done")
        assert set(done.values()) == {1}, (slug, done)
        assert {step["state"] for step in operation["steps"]} <= {"done", "skipped"}, slug


def test_messages_that_are_wiped_before_anybody_heard_them_are_rung_again(fleet: Fleet, redis: RedisServer) -> None:
    ask(fleet, "provision")
    assert redis.count_messages() == len(PARISHES), "what was asked is rung for"
    redis.client.flushall()
    assert redis.client.dbsize() == 0
    fleet.start_worker()
    fleet.start_beat()
    check_all_done_once(fleet)


def test_a_worker_outlives_a_redis_that_dies_while_it_works_and_messages_that_nobody_can_read(
    fleet: Fleet, redis: RedisServer
) -> None:
    worker = fleet.start_worker()
    fleet.start_beat()
    for _death in range(5):
        redis.client.lpush("celery", b"\xff\xfe no text", b"{", b"[]", b'{"body": 1}')
        rung = redis.count_rings()
        wait_until(lambda before=rung: redis.count_rings() > before + 1, seconds=START_SECONDS, what="it is rung")
        wait_until(lambda: redis.count_messages() == 0, seconds=START_SECONDS, what="the worker reads")
        redis.kill()
        redis.start()
    ask(fleet, "provision")
    check_all_done_once(fleet)
    assert worker.poll() is None, "it was never started again"
    assert "a message that cannot be read was dropped" in fleet.read_log()


def test_wiped_and_killed_while_operations_run_it_loses_nothing(fleet: Fleet, redis: RedisServer) -> None:
    worker = fleet.start_worker()
    fleet.start_beat()
    ask(fleet, "provision")
    for _wipe in range(10):
        redis.client.flushall()
        rung = redis.count_rings()
        wait_until(lambda before=rung: redis.count_rings() > before, seconds=START_SECONDS, what="it is rung again")
    redis.kill()
    assert not redis.answers()
    redis.start()
    check_all_done_once(fleet)
    assert worker.poll() is None, "it was never started again"


def test_full_in_the_middle_of_everything_it_loses_nothing(fleet: Fleet, redis: RedisServer) -> None:
    redis.client.config_set("maxmemory-policy", "noeviction")
    worker, beat = fleet.start_worker(), fleet.start_beat()
    ask(fleet, "provision")
    for _time in range(3):
        redis.client.config_set("maxmemory", "1")
        refused = count_refused(redis)
        wait_until(lambda before=refused: count_refused(redis) > before, seconds=START_SECONDS, what="it refuses")
        redis.client.config_set("maxmemory", "0")
        rung = redis.count_rings()
        wait_until(lambda before=rung: redis.count_rings() > before, seconds=START_SECONDS, what="it is rung again")
    check_all_done_once(fleet)
    assert (worker.poll(), beat.poll()) == (None, None), fleet.read_log()[-3000:]


def test_a_redis_that_takes_nothing_is_no_connection_and_is_one_as_soon_as_it_does(redis: RedisServer) -> None:
    redis.client.config_set("maxmemory-policy", "noeviction")
    redis.client.config_set("maxmemory", "1")
    address = f"redis://127.0.0.1:{redis.port}/0"
    with Connection(address, transport="civiparoisse.redis_broker:Transport") as connection:
        with pytest.raises(RedisError, match="maxmemory") as refused:
            connection.transport.establish_connection()
        assert isinstance(refused.value, connection.transport.connection_errors), "the worker tries it again"
        redis.client.config_set("maxmemory", "0")
        assert connection.transport.establish_connection() is not None
    assert redis.client.dbsize() == 0, "nothing of the trial is left"


@pytest.mark.parametrize("end", ["ack", "reject"])
def test_a_message_whose_end_redis_refuses_takes_up_no_place(redis: RedisServer, end: str) -> None:
    address = f"redis://127.0.0.1:{redis.port}/0"
    with Connection(address, transport="civiparoisse.redis_broker:Transport") as connection:
        queue = connection.SimpleQueue("places")
        queue.consumer.qos(prefetch_count=1)
        queue.put("first")
        queue.put("second")
        first = queue.get(timeout=START_SECONDS)
        assert not first.channel.qos.can_consume(), "it is at work"
        redis.client.execute_command("ACL", "SETUSER", "default", "-zrem")
        with pytest.raises(RedisError, match="zrem"):
            getattr(first, end)()
        assert queue.get(timeout=START_SECONDS).payload == "second"


def count_refused(redis: RedisServer) -> int:
    """How many commands Redis refused for want of memory since it was started."""
    told = redis.client.info("errorstats").get("errorstat_OOM", {})  # type: ignore[union-attr]
    return int(told.get("count", 0))

"""The filesystem transport survives what happens to its folders, and shows whole messages only."""

import json
import shutil
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from kombu.simple import SimpleQueue

from civiparoisse.broker import HEADER_KINDS, PROPERTY_KINDS, TIMES, check_message
from civiparoisse.celery import app


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    folder = tmp_path / "not yet made"
    options = {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
    }
    with Connection(
        "filesystem://localhost", transport="civiparoisse.broker:Transport", transport_options=options
    ) as made:
        yield made


def take(queue: SimpleQueue) -> object:
    message = queue.get(timeout=180)
    message.ack()
    return message.payload


def test_messages_arrive_in_order_although_no_folder_was_there(connection: Connection) -> None:
    with connection.SimpleQueue(f"q{uuid.uuid4().hex}") as queue:
        for number in range(5):
            queue.put(number)
        assert [take(queue) for _ in range(5)] == list(range(5))


def test_a_wiped_folder_loses_its_messages_and_nothing_else(connection: Connection, tmp_path: Path) -> None:
    with connection.SimpleQueue(f"q{uuid.uuid4().hex}") as queue:
        queue.put("lost")
        shutil.rmtree(tmp_path / "not yet made")
        with pytest.raises(queue.Empty):
            queue.get(block=False)
        shutil.rmtree(tmp_path / "not yet made")
        # As Celery sends: to the queue by its name, so that no exchange's table is needed.
        connection.Producer().publish("kept", routing_key=queue.queue.name)
        assert take(queue) == "kept"


def test_no_reader_ever_sees_a_half_written_message(connection: Connection, tmp_path: Path) -> None:
    size, count = 200_000, 60
    with connection.SimpleQueue(f"q{uuid.uuid4().hex}") as queue:

        def write_all() -> None:
            for _ in range(count):
                queue.put("x" * size)

        writer = threading.Thread(target=write_all)
        writer.start()
        lengths = {len(str(take(queue))) for _ in range(count)}
        writer.join()
    assert lengths == {size}
    assert list((tmp_path / "not yet made" / "messages").iterdir()) == []


def test_a_message_that_cannot_be_read_is_dropped_and_the_next_one_heard(
    connection: Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "not yet made" / "messages"
    with connection.SimpleQueue("cut") as queue:
        queue.put("whole")
        whole = next(folder.iterdir())
        text = whole.read_text()
        broken = ["", "{", "null", "[]", "{}", text[: len(text) // 2], text.replace("base64", "rot13"), "\0" * 100]
        for number, content in enumerate(broken):
            (folder / f"000{number}.cut.msg").write_text(content)
        assert take(queue) == "whole"
    assert list(folder.iterdir()) == []
    assert sum("dropped" in record.message for record in caplog.records) == len(broken)


def test_a_folder_that_is_a_file_is_a_lost_connection_that_names_it(connection: Connection, tmp_path: Path) -> None:
    (tmp_path / "not yet made").write_text("")
    with pytest.raises(OSError, match="not yet made"):
        connection.ensure_connection(max_retries=1, interval_start=0, reraise_as_library_errors=False)
    (tmp_path / "not yet made").unlink()
    connection.ensure_connection(max_retries=1, interval_start=0)


def test_nothing_but_messages_is_kept_in_files(connection: Connection, tmp_path: Path) -> None:
    """A table of exchanges that a full disk cut short stopped every process at its start."""
    control = tmp_path / "not yet made" / "control"
    control.mkdir(parents=True)
    (control / "kept.exchange").write_text("")
    with connection.SimpleQueue("kept") as queue:
        queue.put(1)
        assert take(queue) == 1
    assert (control / "kept.exchange").read_text() == ""


def make_call() -> dict[str, Any]:
    """A call of a task as the manager itself sends it."""
    sent = app.amqp.as_task_v2("1", "operations.run", ["op-1"], {}, expires=60)
    body = json.dumps(sent.body)
    properties = {**sent.properties, "delivery_info": {"exchange": "", "routing_key": "celery"}, "delivery_tag": "1"}
    return {
        "body": body,
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": dict(sent.headers),
        "properties": properties,
    }


def test_what_the_manager_sends_is_heard() -> None:
    check_message(make_call())


@pytest.mark.parametrize("odd", [17, -1, "x", "", [], {}, [[], [], []], [1], [None, "x"], True, 1.5], ids=repr)
def test_a_header_of_another_kind_is_refused_before_a_worker_trusts_it(odd: object) -> None:
    tables = (("headers", HEADER_KINDS), ("properties", PROPERTY_KINDS))
    for table, kinds in tables:
        for name, kind in kinds.items():
            call = make_call()
            call[table][name] = odd
            is_of_kind = isinstance(odd, kind) and not (kind is int and isinstance(odd, bool))
            if is_of_kind and name in TIMES:
                with pytest.raises(ValueError):
                    check_message(call)
            elif not is_of_kind or (name == "timelimit" and odd):
                with pytest.raises(TypeError):
                    check_message(call)
            else:
                check_message(call)

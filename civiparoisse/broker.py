"""Celery's filesystem transport, made to survive what happens to directories.

Beyond kombu's own: folders that vanish are made again instead of stopping the worker, a message appears in its folder
only once it is whole (kombu's reader can meet a file that was opened and not yet written), one that cannot be read is
dropped with a line in the log, no table of exchanges is kept in files (one that a full disk cut short stopped every
process at its start), and a folder that cannot be used is a lost connection, which the worker tries again and again.
"""

import json
import logging
import tempfile
import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import OperationalError
from kombu.transport import filesystem, virtual
from kombu.transport.virtual.base import Base64
from kombu.utils.json import dumps

log = logging.getLogger("operations")


class Channel(filesystem.Channel):
    """Messages as files; see the module."""

    @property
    def data_folder_in(self) -> str:
        """Where messages are read."""
        return self._ensure_folder("data_folder_in")

    @property
    def data_folder_out(self) -> str:
        """Where messages are written."""
        return self._ensure_folder("data_folder_out")

    def _ensure_folder(self, option: str) -> str:
        folder: str = self.transport_options[option]
        ensure_usable(Path(folder), probe=False)
        return folder

    # Messages go to their queue by its name, so each process needs only what it declared itself.
    get_table = virtual.Channel.get_table

    def _queue_bind(self, *_arguments: Any) -> None:
        """Keep nothing: the state in memory has it."""

    def _delete(self, queue: str, *_arguments: Any, **_options: Any) -> None:
        self._purge(queue)

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:
        staging = Path(self.data_folder_out) / f".{uuid.uuid4()}"
        try:
            staging.write_text(dumps(payload))
            # Sorted by name: oldest first, also after a restart of the machine (kombu's monotonic clock starts again).
            staging.rename(Path(self.data_folder_out) / f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg")
        except OSError:
            staging.unlink(missing_ok=True)
            raise

    def _get(self, queue: str) -> Any:
        """Return the oldest message that can be read. Raise Empty when there is none."""
        while True:
            try:
                payload = super()._get(queue)
                check_message(payload)
            except FileNotFoundError as error:  # the folder went away in between
                raise Empty from error
            except (ValueError, TypeError, KeyError) as error:
                log.warning("a message that cannot be read was dropped: %s: %s", type(error).__name__, str(error)[:200])
            else:
                return payload


# What a worker takes out of a call of a task without a look (Celery, "Message Protocol", version 2); None: it has none.
TEXTS = ("shadow", "root_id", "parent_id", "group", "origin", "argsrepr", "kwargsrepr", "lang", "eta", "expires")
# Of these, what a date must be: Celery takes an empty text for one, and ends.
TIMES = ("eta", "expires")
HEADER_KINDS: dict[str, type] = {
    **dict.fromkeys(TEXTS, str),
    **dict.fromkeys(("retries", "group_index", "replaced_task_nesting"), int),
    "ignore_result": bool,
    "stamped_headers": list,
    "stamps": dict,
    "timelimit": list,
}
PROPERTY_KINDS: dict[str, type] = {
    **dict.fromkeys(("reply_to", "correlation_id"), str),
    **dict.fromkeys(("delivery_mode", "priority"), int),
}
ROUTE_KINDS: dict[str, type] = {
    **dict.fromkeys(("exchange", "routing_key"), str),
    "redelivered": bool,
}


def check_kinds(table: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    """Raise TypeError for a value that is neither absent nor of its kind."""
    for name, kind in kinds.items():
        value = table.get(name)
        if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise TypeError(f"{name} is no {kind.__name__}")


def check_message(payload: Any) -> None:
    """Raise ValueError, TypeError or KeyError unless `payload` has what a worker reads of a message before it can
    refuse it by itself: texts and tables at their places, a body that can be decoded."""
    for name in ("body", "content-type", "content-encoding"):
        if not isinstance(payload[name], str):
            raise TypeError(f"{name} is no text")
    properties, headers = payload["properties"], payload["headers"]
    for table in (properties, headers, properties["delivery_info"]):
        if not isinstance(table, dict):
            raise TypeError("a table is none")
    if not isinstance(properties["delivery_tag"], str):
        raise TypeError("its tag is no text")
    body = payload["body"]
    if "body_encoding" in properties:
        body = {"base64": Base64().decode}[properties["body_encoding"]](body)
    if "task" not in headers:
        return  # nobody here sends such a one; Celery refuses it by itself
    if payload["content-type"] != "application/json":
        raise ValueError("it is not JSON")
    check_kinds(headers, HEADER_KINDS)
    for name in TIMES:
        if headers.get(name) is not None:
            datetime.fromisoformat(headers[name])
    check_kinds(properties, PROPERTY_KINDS)
    check_kinds(properties["delivery_info"], ROUTE_KINDS)
    limits = headers.get("timelimit") or [None, None]
    if len(limits) != 2 or any(limit is not None and type(limit) not in (int, float) for limit in limits):
        raise TypeError("its limits are not two numbers of seconds")
    arguments, keywords, options = json.loads(body)
    kinds = ((headers["task"], str), (headers["id"], str), (arguments, list), (keywords, dict), (options, dict))
    if not all(isinstance(value, kind) for value, kind in kinds):
        raise TypeError("it is no call of a task")


def ensure_usable(folder: Path, *, probe: bool) -> None:
    """Make the folder where it is missing. Raise OSError when it cannot be one or, with `probe`, takes no file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if probe:
        with tempfile.TemporaryFile(dir=folder, prefix=".probe-") as file:
            file.write(b"\0")


class Transport(filesystem.Transport):
    """The transport the settings name when no server is installed."""

    Channel = Channel
    # What a disk does is what a network does to others: Celery tries again what fails by these.
    connection_errors = (*filesystem.Transport.connection_errors, OperationalError, OSError)

    def establish_connection(self) -> Any:
        """Answer when the folders can be used. Raise OSError with the folder's name when they cannot."""
        options = self.client.transport_options
        for folder in dict.fromkeys((options["data_folder_in"], options["data_folder_out"])):
            ensure_usable(Path(folder), probe=True)
        return super().establish_connection()

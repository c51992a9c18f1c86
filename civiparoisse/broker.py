"""Celery's filesystem transport, made to survive what happens to directories.

Beyond kombu's own: folders that vanish are made again instead of stopping the worker, and a message appears in its
folder only once it is whole (kombu's reader can meet a file that was opened and not yet written).
"""

import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


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

    @property
    def control_folder(self) -> Path:
        """Where the exchanges are written down."""
        return Path(self._ensure_folder("control_folder"))

    def _ensure_folder(self, option: str) -> str:
        folder: str = self.transport_options[option]
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:
        staging = Path(self.data_folder_out) / f".{uuid.uuid4()}"
        staging.write_text(dumps(payload))
        # Sorted by name: oldest first, also after a restart of the machine (kombu's monotonic clock starts again).
        staging.rename(Path(self.data_folder_out) / f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg")

    def _get(self, queue: str) -> Any:
        try:
            return super()._get(queue)
        except FileNotFoundError as error:  # the folder went away in between
            raise Empty from error


class Transport(filesystem.Transport):
    """The transport the settings name when no server is installed."""

    Channel = Channel

"""Celery's Redis transport, made to survive what happens to Redis: a worker goes on when it dies or is wiped.

Beyond kombu's own: what is done with a channel whose server is gone (a task that ends and confirms its message, or
messages that are given back) is a lost connection, which the worker tries again, where kombu's fails with
AttributeError, which ends the worker; and a message that cannot be read is dropped with a line in the log instead of
ending it. Nothing is lost by either: a message is only a doorbell, and the sweep rings again.
"""

import logging
from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as RedisConnectionError

from civiparoisse.broker import check_message

log = logging.getLogger("operations")


class Channel(redis.Channel):
    """Messages as the entries of a list; see the module."""

    # What a worker took and did not begin is due in the database all the same.
    do_restore = False

    def _connparams(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Return what to connect with. Raise redis' ConnectionError for a channel that was closed."""
        if getattr(self.connection, "client", None) is None:
            raise RedisConnectionError("this channel was closed with its connection")
        parameters: dict[str, Any] = super()._connparams(*arguments, **options)
        return parameters

    def _brpop_read(self, **options: Any) -> Any:
        """Hand the next message on. Raise Empty when there is none, or when it is no text that can be read."""
        try:
            return super()._brpop_read(**options)
        except (ValueError, TypeError) as error:
            _tell_dropped(error)
            raise redis.Empty from error


class Transport(redis.Transport):
    """The transport that the settings name when there is a Redis."""

    Channel = Channel

    def _deliver(self, message: Any, queue: str) -> None:
        """Hand a message to who takes it, unless a worker could not read it."""
        if queue in self._callbacks and not queue.endswith(".pidbox"):
            try:
                check_message(message)
            except (ValueError, TypeError, KeyError) as error:
                _tell_dropped(error)
                return
        super()._deliver(message, queue)


def _tell_dropped(error: Exception) -> None:
    log.warning("a message that cannot be read was dropped: %s: %s", type(error).__name__, str(error)[:200])

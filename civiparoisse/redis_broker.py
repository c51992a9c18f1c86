"""Celery's Redis transport, made to survive what happens to Redis: a worker goes on when it dies or is wiped.

Beyond kombu's own: what is done with a channel whose server is gone (a task that ends and confirms its message, or
messages that are given back) is a lost connection, which the worker tries again, where kombu's fails with
AttributeError, which ends the worker; and a message that cannot be read is dropped with a line in the log instead of
ending it. A server that answers and refuses (its memory is full, it is a replica, it still loads) is tried again like
one that is away, and a message whose end it refuses to hear takes up no place of the worker. Nothing is lost by any of
it: a message is only a doorbell, and the sweep rings again.
"""

import logging
from typing import Any

from kombu.transport import redis, virtual
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from civiparoisse.broker import check_message

log = logging.getLogger("operations")

PROBE = "civiparoisse-probe"


class QoS(redis.QoS):
    """How many messages a worker holds at once. One that was done with is held no longer, also when the server refuses
    to hear so: a worker that counted it for ever would take no other in its place."""

    def ack(self, delivery_tag: str) -> None:
        """Let go of a message that was done. Raise RedisError when the server did not take it."""
        try:
            super().ack(delivery_tag)
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Let go of a message, and give it back with `requeue`. Raise RedisError when the server did not take it."""
        try:
            super().reject(delivery_tag, requeue=requeue)
        finally:
            virtual.QoS.ack(self, delivery_tag)


class Channel(redis.Channel):
    """Messages as the entries of a list; see the module."""

    QoS = QoS
    # What a worker took and did not begin is due in the database all the same.
    do_restore = False

    def _connparams(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Return what to connect with. Raise redis' ConnectionError for a channel that was closed."""
        if getattr(self.connection, "client", None) is None:
            raise RedisConnectionError("this channel was closed with its connection")
        parameters: dict[str, Any] = super()._connparams(*arguments, **options)
        return parameters

    def probe(self) -> None:
        """Write what a worker must write for each message it takes, and remove it. Raise RedisError when refused."""
        with self.conn_or_acquire() as client:
            client.hset(self.unacked_key, PROBE, "")
            client.hdel(self.unacked_key, PROBE)

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
    # Celery tries again what fails by these, for ever; what fails otherwise ends the worker.
    connection_errors = (*redis.Transport.connection_errors, RedisError)

    def establish_connection(self) -> Any:
        """Connect. Raise RedisError when the server takes nothing: the worker then waits ever longer between its tries,
        where it would begin again at once if it failed only at its first message."""
        connection = super().establish_connection()
        channel = self._avail_channels[-1]
        try:
            channel.probe()
        except RedisError:
            self._avail_channels.remove(channel)
            channel.close()
            raise
        return connection

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

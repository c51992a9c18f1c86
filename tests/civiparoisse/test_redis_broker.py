"""A channel whose server is gone is a lost connection. The transport at work: tests/operations/test_redis.py."""

import pytest
from kombu import Connection
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.servers import find_free_port


def test_what_is_done_with_a_closed_channel_is_a_lost_connection() -> None:
    connection = Connection(
        f"redis://127.0.0.1:{find_free_port()}/0", transport="civiparoisse.redis_broker:Transport", connect_timeout=2
    )
    made = connection.transport.Channel
    channel = made.__new__(made)
    channel.connection = None
    with pytest.raises(RedisConnectionError, match="closed"):
        channel._connparams()
    assert RedisConnectionError in connection.transport.connection_errors, "the worker tries these again"

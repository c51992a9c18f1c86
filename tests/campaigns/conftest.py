"""An engine that counts, for campaigns."""

from tests.operations.conftest import clock, engine, finish, messages

__all__ = ["clock", "engine", "finish", "messages"]

"""An engine that counts, for campaigns."""

from tests.operations.conftest import clock, engine, finish

__all__ = ["clock", "engine", "finish"]

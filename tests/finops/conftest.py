"""The runner's fixtures: a ledger is written by operations."""

from tests.operations.conftest import ask, clock, engine, finish

__all__ = ["ask", "clock", "engine", "finish"]

"""Gives the manager's processes of a test the engine that counts."""

import os
from importlib import import_module

from django.apps import AppConfig
from django.conf import settings

from engine.registry import register_engine
from tests.engines import FakeEngine

# The environment's name for modules whose KIND is registered in every process of the manager.
KINDS = "FLEET_KINDS"


class FleetConfig(AppConfig):
    """Registers "fake" in every process of the manager."""

    name = "tests"
    label = "fleet"

    def ready(self) -> None:
        """Register the engine, with all that operations wait for, and mark their steps in it."""
        # Models can be imported only now.
        from operations.registry import register_kind
        from tests.fleet_marks import mark_steps

        register_engine("fake", make_engine)
        for name in os.environ.get(KINDS, "").split():
            register_kind(import_module(name).KIND)
        mark_steps()


def make_engine() -> FakeEngine:
    """Return an engine with room for all, schedules of its own, and a second to undo a deletion."""
    engine = FakeEngine(settings.FAKE_ENGINE_ROOT)
    engine.nodes = ()
    engine.runs_schedules, engine.deletion_grace_seconds = True, 1
    return engine

"""Gives the manager's processes of a test the engine that counts."""

from django.apps import AppConfig
from django.conf import settings

from engine.registry import register_engine
from tests.engines import FakeEngine


class FleetConfig(AppConfig):
    """Registers "fake" in every process of the manager."""

    name = "tests"
    label = "fleet"

    def ready(self) -> None:
        """Register the engine."""
        register_engine("fake", lambda: FakeEngine(settings.FAKE_ENGINE_ROOT))

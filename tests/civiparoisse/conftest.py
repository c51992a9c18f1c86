"""The default plan and release, and an engine that is looked at by pages."""

from tests.operations.conftest import engine
from tests.tenants.conftest import defaults

__all__ = ["defaults", "engine"]

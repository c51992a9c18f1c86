"""The default plan and release, and the engines and servers that the checks look at."""

from tests.clusters.conftest import cluster_api, fake, served
from tests.operations.conftest import ask, clock, engine, finish
from tests.tenants.conftest import defaults

__all__ = ["ask", "clock", "cluster_api", "defaults", "engine", "fake", "finish", "served"]

"""The contract of every engine, on the real node."""

import functools
from collections.abc import Callable, Iterator

import pytest

from domain.specs import Component, InstanceSpec
from engine.base import Engine
from engine.kubernetes.client import Connection
from engine.kubernetes.engine import KubernetesEngine
from tests.builders import make_spec
from tests.cluster.by_hand import SETTINGS, make_small_plan, make_standin_release
from tests.cluster.control import Cluster, find_cluster
from tests.cluster.pages import read_page
from tests.engine.contract import EngineContract
from tests.local_engines import provision

pytestmark = pytest.mark.cluster


def make_engine(kubeconfig: str) -> KubernetesEngine:
    """Return another engine on the same cluster."""
    return KubernetesEngine("contract", connection=Connection(kubeconfig=kubeconfig), settings=SETTINGS)


def make_small_spec(identifier: str) -> InstanceSpec:
    """Return an instance of stand-in images, two of which fit on the node. Its schedule is off: a run of its own, when
    its minute comes, would write into what is compared."""
    servers = frozenset({Component.DB, Component.HTTPD})
    return make_spec(identifier, release=make_standin_release(), plan=make_small_plan(), components=servers)


class TestContract(EngineContract):
    """Saint-Paul runs as long as the class."""

    @pytest.fixture(scope="class")
    @classmethod
    def factory(cls, node: Cluster) -> Callable[[], Engine]:
        return functools.partial(make_engine, node.kubeconfig)

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls, factory: Callable[[], Engine]) -> Engine:
        return factory()

    @pytest.fixture(scope="class")
    @classmethod
    def spec(cls, engine: Engine) -> Iterator[InstanceSpec]:
        spec = make_small_spec("contract-paul")
        provision(engine, spec)
        yield spec
        cls().purge(engine, spec)

    def make_spec(self, identifier: str) -> InstanceSpec:
        """Return an instance of stand-in images."""
        return make_small_spec(identifier)

    def visit(self, engine: Engine, spec: InstanceSpec) -> None:
        """Read the page through its Service, by its own authority."""
        del engine
        secret = find_cluster().get("secret", "externca", namespace=spec.identifier)
        service = find_cluster().get("service", "civicrmhttpd", namespace=spec.identifier)
        read_page(service["spec"]["clusterIP"], spec.host, secret["data"])

    def find_host(self, identifier: str) -> str:
        """Return the address of its Service: the cluster's names are not known here."""
        address: str = find_cluster().get("service", "civicrmdb", namespace=identifier)["spec"]["clusterIP"]
        return address

"""The engine behind a proxy that spoils answers of the real API server: what can be asked again later is said to be so,
and the next time makes whole what was left half-way. RANDOM_SEED=N repeats a run."""

import os
import random
import secrets
from collections.abc import Callable, Iterator

import pytest

from domain.errors import CiviparoisseError, ClusterUnreachable
from domain.specs import InstanceSpec
from engine.kubernetes.client import Connection, get_client
from engine.kubernetes.engine import KubernetesEngine
from tests.builders import make_spec
from tests.cluster.by_hand import SETTINGS
from tests.cluster.control import Cluster
from tests.cluster.fault_proxy import Fault, FaultProxy, serve_faults

pytestmark = pytest.mark.cluster

RANDOM_SEED = int(os.environ.get("RANDOM_SEED") or secrets.randbelow(10**6))
POINTS = 4
ANY: Callable[[str, str], bool] = lambda _method, _path: True  # noqa: E731


@pytest.fixture(scope="module")
def proxy(cluster: Cluster) -> Iterator[FaultProxy]:
    """The proxy, in front of the cluster."""
    with serve_faults(cluster.kubeconfig) as served:
        yield served


@pytest.fixture
def engine(proxy: FaultProxy) -> KubernetesEngine:
    """An engine behind the proxy, without faults yet, and with an empty memory as a new process has it."""
    proxy.faults.clear()
    connection = Connection(kubeconfig=proxy.kubeconfig)
    get_client(connection).applied.clear()
    return KubernetesEngine("faults", connection=connection, settings=SETTINGS)


@pytest.fixture
def make_instance(cluster: Cluster) -> Iterator[Callable[[], InstanceSpec]]:
    """Make specs of instances that are gone after the test."""
    made: list[InstanceSpec] = []

    def make() -> InstanceSpec:
        made.append(make_spec(f"faults-{secrets.token_hex(4)}"))
        return made[-1]

    yield make
    for spec in made:
        cluster.kubectl("delete", "namespace", spec.identifier, "--ignore-not-found", "--wait=false")


def find_request(number: int, proxy: FaultProxy) -> Callable[[str, str], bool]:
    """Return what matches the request `number` from now."""
    before = len(proxy.asked)
    return lambda _method, _path: len(proxy.asked) - before > number


def assert_whole(engine: KubernetesEngine, spec: InstanceSpec) -> None:
    """A new process applies it, and then nothing differs from what is wanted."""
    engine.client.applied.clear()
    assert engine.apply(spec).exists
    assert engine.list_drift([spec]) == {}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(ANY, status=500),
        Fault(ANY, status=503),
        # Longer than anybody waits.
        Fault(ANY, status=429, retry_after_seconds=3600),
        Fault(ANY, cut=True),
    ],
    ids=["500", "503", "429", "cut"],
)
def test_an_apply_that_breaks_anywhere_is_made_whole_by_the_next(
    engine: KubernetesEngine, proxy: FaultProxy, make_instance: Callable[[], InstanceSpec], fault: Fault
) -> None:
    begun = len(proxy.asked)
    engine.apply(make_instance())
    length = len(proxy.asked) - begun
    points = random.Random(RANDOM_SEED).sample(range(length), POINTS)
    for point in points:
        spec = make_instance()
        met = proxy.add(
            Fault(
                find_request(point, proxy),
                status=fault.status,
                cut=fault.cut,
                retry_after_seconds=fault.retry_after_seconds,
            )
        )
        with pytest.raises(ClusterUnreachable) as raised:
            engine.apply(spec)
        assert met.met == 1 and raised.value.retryable, (RANDOM_SEED, point)
        assert_whole(engine, spec)


def test_a_short_wait_that_is_asked_for_is_kept_and_not_noticed(
    engine: KubernetesEngine, proxy: FaultProxy, make_instance: Callable[[], InstanceSpec]
) -> None:
    patched = proxy.add(Fault(lambda method, _path: method == "PATCH", times=2, status=429, retry_after_seconds=1))
    spec = make_instance()
    assert engine.apply(spec).exists
    assert patched.met == 2
    assert_whole(engine, spec)


def test_a_slow_answer_is_waited_for(
    engine: KubernetesEngine, proxy: FaultProxy, make_instance: Callable[[], InstanceSpec]
) -> None:
    slow = proxy.add(Fault(lambda method, _path: method == "PATCH", seconds=3))
    assert engine.apply(make_instance()).exists
    assert slow.met == 1


def test_a_list_that_expired_is_begun_again(
    engine: KubernetesEngine, proxy: FaultProxy, make_instance: Callable[[], InstanceSpec]
) -> None:
    spec = make_instance()
    engine.apply(spec)
    expired = proxy.add(Fault(lambda method, path: method == "GET" and "labelSelector" in path, times=2, status=410))
    assert spec.identifier in engine.observe_fleet().instances
    assert expired.met == 2


def test_an_object_that_changed_meanwhile_is_read_again_or_asked_for_later(
    engine: KubernetesEngine, proxy: FaultProxy, make_instance: Callable[[], InstanceSpec]
) -> None:
    changed = proxy.add(Fault(lambda method, _path: method == "PATCH", status=409))
    spec = make_instance()
    with pytest.raises(CiviparoisseError) as raised:
        engine.apply(spec)
    assert changed.met == 1 and raised.value.retryable
    assert_whole(engine, spec)

"""A fleet on a control plane without a node: `tests/cluster/cluster run .venv/bin/python -m bench.kubernetes`.

[--instances 1000] [--threads 2] [--sample 50]

Measured: applying that many instances, one look at all of them, and comparing all with what applying would make (a
reconcile that finds nothing to do). Baseline, named in the output: the naive way, one read per object, of a sample of
the same instances in the same run; bench/helm.py measures one instance against a chart. Goals (2 cores, the API server
included): 60 instances a minute, flat from the first hundred to the last; 1.1 requests per object; of each kind two
list calls, each page counted, 10 s of CPU and 200 MB for a look at 1,000, and for their comparison.
"""

import argparse
import collections
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django  # noqa: E402 - texts of errors are lazy
from django.conf import settings as django_settings  # noqa: E402

if not django_settings.configured:
    django_settings.configure(USE_I18N=False)
    django.setup()

from domain.cluster import ClusterSettings, IngressKind  # noqa: E402
from domain.specs import InstanceSpec  # noqa: E402
from engine.kubernetes.client import ClusterClient, Connection, get_client  # noqa: E402
from engine.kubernetes.engine import KubernetesEngine  # noqa: E402
from engine.kubernetes.paths import make_reference  # noqa: E402
from manifests.instance import make_instance_objects  # noqa: E402
from manifests.tls import make_tls_bundle  # noqa: E402
from tests.builders import make_spec  # noqa: E402
from tests.cluster.control import find_cluster  # noqa: E402

# Traefik's kinds need definitions that a bare control plane does not have.
SETTINGS = ClusterSettings(ingress_kind=IngressKind.INGRESS)
LOOK, COMPARE = "--look", "--compare"
HUNDRED = 100
MEGABYTE = 10**6


def say(text: str) -> None:
    """Print one line of the report."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def make_engine() -> KubernetesEngine:
    """Return the engine of the cluster that this run is for."""
    return KubernetesEngine("bench", connection=Connection(kubeconfig=find_cluster().kubeconfig), settings=SETTINGS)


def make_fleet(count: int) -> list[InstanceSpec]:
    """Return that many instances of the default plan."""
    return [make_spec(f"parish-{number:04}") for number in range(count)]


def count_objects(spec: InstanceSpec) -> int:
    """Return how many objects one instance has."""
    tls = make_tls_bundle(spec.identifier, spec.host, now=datetime.now(UTC))
    return len(make_instance_objects(spec, SETTINGS, tls=tls))


def measure(client: ClusterClient, work: Callable[[], object]) -> tuple[float, int]:
    """Return (seconds, requests) of a piece of work."""
    before, began = client.requests, time.monotonic()
    work()
    return time.monotonic() - began, client.requests - before


def apply_all(engine: KubernetesEngine, fleet: list[InstanceSpec], *, threads: int) -> None:
    """Apply instances, several at a time, and say how fast each hundred of them was."""
    for first in range(0, len(fleet), HUNDRED):
        part, began = fleet[first : first + HUNDRED], time.monotonic()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(engine.apply, part))
        rate = len(part) / (time.monotonic() - began) * 60
        say(f"    {first + 1:5} to {first + len(part):5}: {rate:6.0f} instances a minute")


def read_naively(client: ClusterClient, sample: list[InstanceSpec]) -> None:
    """Read every object of some instances by itself."""
    for spec in sample:
        tls = make_tls_bundle(spec.identifier, spec.host, now=datetime.now(UTC))
        for object_ in make_instance_objects(spec, SETTINGS, tls=tls):
            client.get(make_reference(object_), instance=spec.identifier)


def count_lists(client: ClusterClient) -> collections.Counter[str]:
    """Return a count of the calls by kind, which grows as `client` is used: each page is one."""
    calls: collections.Counter[str] = collections.Counter()
    send = ClusterClient._send

    def count(self: ClusterClient, method: str, path: str, *arguments: Any, **options: Any) -> bytes:
        calls[path.rpartition("/")[2]] += 1
        return send(self, method, path, *arguments, **options)

    client.__class__._send = count  # type: ignore[method-assign]  # counted where every request passes
    return calls


def report(work: Callable[[KubernetesEngine], int]) -> None:
    """Do one piece of work in this process, and print what that took as JSON."""
    engine = make_engine()
    calls, before, spent = count_lists(engine.client), get_peak_bytes(), time.process_time()
    seen: list[int] = []
    seconds, requests = measure(engine.client, lambda: seen.append(work(engine)))
    figures = {"seconds": seconds, "cpu_seconds": time.process_time() - spent, "requests": requests, "seen": seen[0]}
    peak = get_peak_bytes()
    figures |= {"most_of_a_kind": max(calls.values()), "peak_bytes": peak, "added_bytes": peak - before}
    sys.stdout.write(json.dumps(figures))


def get_peak_bytes() -> int:
    """Return the most memory that this process ever had; the system counts in KiB (getrusage(2))."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def work_elsewhere(*options: str) -> dict[str, float]:
    """Return what one piece of work took: its memory is that process's own."""
    command = [sys.executable, "-m", "bench.kubernetes", *options]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


def describe(figures: dict[str, float], baseline: float) -> str:
    """Return a line of the report."""
    return (
        f"{figures['seconds']:.1f} s, {figures['cpu_seconds']:.1f} s of CPU, {figures['requests']:.0f} list calls,"
        f" {figures['most_of_a_kind']:.0f} of a kind at most, {figures['peak_bytes'] / MEGABYTE:.0f} MB at most,"
        f" {figures['added_bytes'] / MEGABYTE:.0f} of them for this;"
        f" {figures['seconds'] / baseline:.3f} of the baseline"
    )


def run(*, count: int, threads: int, sample: int) -> None:
    """Run the benchmark."""
    engine, fleet = make_engine(), make_fleet(count)
    client = get_client(engine.connection)
    objects = count_objects(fleet[0])
    say(f"{count} instances of {objects} objects, {threads} threads")
    say("  apply")
    seconds, requests = measure(client, lambda: apply_all(engine, fleet, threads=threads))
    say(f"    {count / seconds * 60:.0f} instances a minute, {requests / count / objects:.2f} requests per object")
    few = fleet[:sample]
    naive, naive_requests = measure(client, lambda: read_naively(client, few))
    naive_all = naive / len(few) * count
    say(f"  baseline: one read per object, {len(few)} instances: {naive:.1f} s, {naive_requests} requests")
    look = work_elsewhere(LOOK)
    say(f"  one look at all {look['seen']:.0f}: {describe(look, naive_all)}")
    compared = work_elsewhere(COMPARE, "--instances", str(count))
    say(f"  comparison of all, {compared['seen']:.0f} to repair: {describe(compared, naive_all)}")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sample", type=int, default=50)
    for option in (LOOK, COMPARE):
        parser.add_argument(option, action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.look:
        report(lambda engine: len(engine.observe_fleet().instances))
    elif asked.compare:
        report(lambda engine: len(engine.list_drift(make_fleet(asked.instances))))
    else:
        run(count=asked.instances, threads=asked.threads, sample=asked.sample)


if __name__ == "__main__":
    main()

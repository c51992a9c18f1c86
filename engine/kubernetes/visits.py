"""What the web server's log of an instance says of visits, as the cluster kept it: since its pod began, or since the
node last turned the file over (10 MiB by default: kubelet's containerLogMaxSize)."""

from collections.abc import Iterator
from datetime import UTC, datetime

from domain.specs import Component, InstanceSpec
from engine.access_log import Reading, read_lines, split_lines
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.errors import ApiCall
from engine.kubernetes.paths import Reference, make_path
from manifests.blueprints import load_blueprint

LOG_BYTES = 32 * 1024**2


def read_visits(client: ClusterClient, spec: InstanceSpec, *, since: datetime, now: datetime) -> Reading:
    """Read the log from `since` on, line by line: one call, whatever it holds. Raise ObjectMissing without a pod."""
    declared = load_blueprint(spec.release.blueprint).components[Component.HTTPD]
    pod = f"{declared.workload_name}-0"
    call = ApiCall(verb="get", resource="pods/log", name=pod, instance=spec.identifier)
    query = {
        "container": declared.container,
        "sinceTime": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "limitBytes": str(LOG_BYTES),
    }
    path = make_path(Reference("v1", "Pod", spec.identifier, pod)) + "/log"
    count = 0

    def measure() -> Iterator[bytes]:
        nonlocal count
        for piece in client.stream(path, call, query=query, most_bytes=LOG_BYTES):
            count += len(piece)
            yield piece

    reading = read_lines(split_lines(measure()), since=since, now=now)
    return reading.merge(Reading(is_cut=count >= LOG_BYTES))

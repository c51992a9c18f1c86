"""What one instance takes of the place where it runs, and what many take together. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.reservations import NOTHING, Reservation, add_reservations, compute_pod_request
from domain.specs import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """The pods and volumes of one instance. `servers`: hold what they hold as long as they are on. `schedules`: cron
    and nightly backup, while they run. `jobs`: by program, while they run. `volumes`: name -> bytes."""

    servers: Mapping[str, Reservation]
    schedules: Mapping[str, Reservation] = field(default_factory=dict)
    jobs: Mapping[str, Reservation] = field(default_factory=dict)
    volumes: Mapping[str, int] = field(default_factory=dict)

    @property
    def at_rest(self) -> Reservation:
        """What the servers hold together."""
        return add_reservations(self.servers.values())

    @property
    def pods(self) -> tuple[Reservation, ...]:
        """The pods of an instance when every schedule runs: they must all fit on one node, with its volumes."""
        return (*self.servers.values(), *self.schedules.values())

    def find_run(self, program: str) -> Reservation:
        """Return what one run of a program holds; nothing for one that the instance does not have."""
        return self.schedules.get(program) or self.jobs.get(program) or NOTHING


def make_chart_footprint(plan: Plan) -> Footprint:
    """Return the footprint of the chart's own layout for the same containers: init and update are init containers of
    the database's pod, the router is an ordinary container (docs/domain.md#parts); the chart has no backup."""

    def amount(name: str) -> dict[str, object]:
        sizes = plan.containers[name]
        amounts = {"cpu": f"{sizes.cpu_request_millicores}m", "memory": str(sizes.memory_request_bytes)}
        return {"resources": {"requests": amounts, "limits": amounts}}

    def pod(first: tuple[str, ...], *names: str) -> Reservation:
        return compute_pod_request({"initContainers": list(map(amount, first)), "containers": list(map(amount, names))})

    volumes = {"db": plan.db_volume_bytes, "files": plan.files_volume_bytes, "private": plan.private_volume_bytes}
    return Footprint(
        servers={"db": pod(("db_init", "db_init"), "db"), "httpd": pod(("httpd_init",), "db_router", "httpd")},
        schedules={"cron": pod(("cron_init",), "cron", "db_router")},
        volumes=volumes,
    )


def _multiply(reservation: Reservation, count: int) -> Reservation:
    return Reservation(reservation.cpu_millicores * count, reservation.memory_bytes * count)

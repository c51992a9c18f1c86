"""What an instance holds in each situation, to compare with the tables of the documentation."""

from collections.abc import Iterable

from domain.footprints import Footprint
from domain.reservations import NOTHING, Reservation, add_reservations
from domain.specs import Plan

# What runs at once while the cron does: httpd and cron have a router each.
RUNNING_CONTAINERS = ("db", "httpd", "db_router", "cron", "db_router")


def compute_situations(footprint: Footprint) -> dict[str, Reservation]:
    """Return what is reserved in each situation: at rest, with every combination of schedules, while a job runs with
    the servers stopped (init, update, restore), suspended."""
    rest = footprint.at_rest
    found = {"rest": rest}
    for name, reservation in sorted(footprint.schedules.items()):
        found |= {
            f"{before} + {name}" if before != "rest" else name: add_reservations([held, reservation])
            for before, held in list(found.items())
        }
    for name in ("init", "update", "restore"):
        if name in footprint.jobs:
            found[name] = footprint.jobs[name]
    return {**found, "suspended": NOTHING}


def sum_containers(plan: Plan, *, names: Iterable[str] = RUNNING_CONTAINERS) -> Reservation:
    """Return the sum of the containers that run together, as the chart's documentation adds them up."""
    found = [plan.containers[name] for name in names]
    return add_reservations(Reservation(one.cpu_request_millicores, one.memory_request_bytes) for one in found)

"""The parts of a bill that people think in: what one line of cost belongs to. Pure."""

from enum import StrEnum

from finops.prices.pricing import Kind

SERVERS = {"db": "database", "httpd": "web"}


class Group(StrEnum):
    """A part of the bill; its order is that of the chart, from its foot. The words are in finops/wording/words.py."""

    DATABASE = "database"
    WEB = "web"
    RUNS = "runs"
    VOLUMES = "volumes"
    BACKUPS = "backups"
    SHARED = "shared"
    IDLE = "idle"


_OF_KIND = {
    Kind.STORAGE: Group.VOLUMES,
    Kind.BACKUP: Group.BACKUPS,
    Kind.SHARED: Group.SHARED,
    Kind.OVERHEAD: Group.SHARED,
    Kind.IDLE: Group.IDLE,
}


def find_group(kind: str, component: str) -> Group:
    """Return the part that a line of `kind` for `component` belongs to. CPU and memory go to what they run: the
    servers, or the runs of cron and jobs."""
    found = _OF_KIND.get(Kind(kind))
    return found if found is not None else Group(SERVERS.get(component, Group.RUNS.value))

"""The parts of a bill that people think in: what one line of cost belongs to. Pure."""

from enum import StrEnum

from finops.prices.pricing import CostKind

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
    CostKind.STORAGE: Group.VOLUMES,
    CostKind.BACKUP: Group.BACKUPS,
    CostKind.SHARED: Group.SHARED,
    CostKind.OVERHEAD: Group.SHARED,
    CostKind.IDLE: Group.IDLE,
}


def find_group(kind: str, component: str) -> Group:
    """Return the part that a line of `kind` for `component` belongs to. CPU and memory go to what they run: the
    servers, or the runs of cron and jobs."""
    group = _OF_KIND.get(CostKind(kind))
    return group if group is not None else Group(SERVERS.get(component, Group.RUNS.value))

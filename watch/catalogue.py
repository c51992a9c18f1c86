"""Every check there is, by its code: which source looks for it, how people call it, and who may see it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from watch.checks import costs, manager, places, work
from watch.checks.shapes import Alert
from watch.checks.troubles import TROUBLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Checks that are looked at together. `checks`: code -> label; `permission`: to see what they find; `find`: what is
    wrong at `now`, None for the checks of instances (troubles.py), which are counted; `every`: how often a round looks;
    `show`: what pages show instead of looking themselves.
    """

    name: str
    permission: str
    checks: Mapping[str, Any]
    find: Callable[..., Iterator[Alert]] | None
    every: timedelta = timedelta(minutes=1)
    show: Callable[..., Iterator[Alert]] | None = None


# Of the rounds themselves (rounds.py): a source could not be looked through.
BLIND, BLIND_LABEL = "check_blind", gettext_lazy("Checks that could not be looked through")
INSTANCES = Source(
    name="instances",
    permission="tenants.view_instance",
    checks={trouble.value: rule.label for trouble, rule in TROUBLES.items()},
    find=None,
)
# Within a level the first page keeps this order; what stands above this floor adds its own (add_source). Costs are
# computed over the whole month: seldom.
SOURCES = [
    Source(
        name="manager",
        permission="operations.view_operation",
        checks=manager.CHECKS,
        find=manager.list_manager_alerts,
        show=manager.list_seen_alerts,
    ),
    Source(name="work", permission="operations.view_operation", checks=work.CHECKS, find=work.list_work_alerts),
    INSTANCES,
    Source(name="places", permission="clusters.view_cluster", checks=places.CHECKS, find=places.list_place_alerts),
    Source(
        name="costs",
        permission="finops.view_interval",
        checks=costs.CHECKS,
        find=costs.list_cost_alerts,
        every=timedelta(minutes=15),
    ),
]


def add_source(source: Source) -> None:
    """Have the checks of a higher floor looked at too; added twice, they are looked at once."""
    if source.name not in {known.name for known in SOURCES}:
        SOURCES.append(source)


def get_label(code: str) -> str:
    """Return how people call a check, in the active language; its code when no source has it any more."""
    return str(dict(list_choices()).get(code, code))


def list_choices() -> list[tuple[str, Any]]:
    """Return every check as a choice of a form."""
    return [*((code, label) for source in SOURCES for code, label in source.checks.items()), (BLIND, BLIND_LABEL)]


def show_of(source: Source, *, now: datetime) -> Iterator[Alert]:
    """Give what pages show of a source without instances."""
    return source.show(now=now) if source.show is not None else find_in(source, now=now)


def find_in(source: Source, *, now: datetime) -> Iterator[Alert]:
    """Give what a source without instances finds."""
    return source.find(now=now) if source.find is not None else iter(())

"""Looks at whole engines: one look each, whatever the number of instances."""

import logging
from collections.abc import Collection

from domain.errors import CiviparoisseError
from domain.fleet import ObservedFleet
from engine.base import Engine
from engine.registry import get_engine
from tenants.models import Instance

log = logging.getLogger("operations")


def observe_fleets(names: Collection[str]) -> dict[str, ObservedFleet | None]:
    """Return what each of the engines sees, by name; None for one that does not answer or does not exist, which the
    log tells."""
    fleets: dict[str, ObservedFleet | None] = {}
    for name in sorted(names):
        try:
            fleets[name] = get_engine(name).observe_fleet()
        except CiviparoisseError as error:
            log.warning("engine %s: %s %s", name, error.code, error.params)
            fleets[name] = None
    return fleets


def list_scheduling_engines() -> dict[str, Engine]:
    """Return, by name, the engines with instances that run schedules by themselves."""
    return {name: engine for name, engine in _list_used_engines().items() if engine.runs_schedules}


def list_managed_engines() -> list[str]:
    """Return the names of the engines with instances whose schedules the manager runs."""
    return [name for name, engine in _list_used_engines().items() if not engine.runs_schedules]


def _list_used_engines() -> dict[str, Engine]:
    engines = {}
    for name in Instance.objects.order_by("engine").values_list("engine", flat=True).distinct():
        try:
            engines[name] = get_engine(name)
        except CiviparoisseError as error:
            log.warning("engine %s: %s %s", name, error.code, error.params)
    return engines

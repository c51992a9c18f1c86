"""Looks at the engines every few minutes, so that the first page tells of room, waste and silence without waiting."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.errors import CiviparoisseError
from engine.registry import list_engines
from finops.advice.findings import list_findings
from finops.usage.capacity import observe_capacity
from watch.models import Sighting

# Engines look every five minutes (settings.CELERY_BEAT_SCHEDULE): after this nobody does.
SILENT_MINUTES = 30
# The row about what is paid for and not used, on all engines together.
WASTE = ""


def look_at_engines(*, now: datetime) -> None:
    """Keep, for each engine, whether it answers and how many instances it still takes; and what is wasted on all."""
    names = list_engines()
    for name in names:
        _keep(name, _look_at(name), now=now)
    _keep(WASTE, _look_for_waste(now=now), now=now)
    Sighting.objects.exclude(engine__in=[*names, WASTE]).delete()


def _keep(engine: str, document: dict[str, Any], *, now: datetime) -> None:
    Sighting.objects.update_or_create(engine=engine, defaults={"at": now, "document": document})


def _look_at(engine: str) -> dict[str, Any]:
    """Return `code` and `params` of the error of an engine that did not answer; else how many `more` instances of the
    default plan it takes (None where it does not tell) and what they are bound by."""
    try:
        capacity = observe_capacity(engine)
    except CiviparoisseError as error:
        return {"code": error.code, "params": error.params}
    return {"more": capacity.more, "binding": capacity.binding.value if capacity.binding else ""}


def _look_for_waste(*, now: datetime) -> dict[str, Any]:
    """Return how many things are paid for and not used, what they cost together per month, and in which currency."""
    try:
        found = list_findings(now=now)
    except CiviparoisseError as error:
        return {"code": error.code, "params": error.params}
    cost = sum((one.cost for one in found if one.cost), Decimal(0))
    return {"count": len(found), "cost": str(cost), "currency": found[0].currency if found else ""}

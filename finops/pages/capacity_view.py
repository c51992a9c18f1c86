"""What engines have, what is reserved of it and what is used, as gauges and sentences."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from domain.capacity import Binding, Capacity
from domain.errors import CiviparoisseError
from domain.reservations import Reservation
from domain.states import InstanceState
from engine.registry import list_engines
from finops.calendar import compute_day, compute_second
from finops.usage.capacity import observe_capacity
from finops.usage.measured import list_means
from finops.wording.formats import format_bytes, format_cores
from tenants.models import Instance

log = logging.getLogger("finops")

BINDINGS = {
    Binding.MEMORY: gettext_lazy("memory"),
    Binding.CPU: gettext_lazy("CPU"),
    Binding.PODS: gettext_lazy("the number of pods per node"),
    Binding.VOLUMES: gettext_lazy("the number of volumes per node"),
    Binding.NODES: gettext_lazy("the lack of a node that takes pods"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCapacity:
    """One engine. `used`: measured today by all its instances together, None where nobody measured."""

    engine: str
    capacity: Capacity
    used: Reservation | None


def observe_places(*, now: datetime) -> tuple[EngineCapacity, ...]:
    """Return every engine that answers, with what was measured today."""
    today = compute_day(compute_second(now))
    means = list_means(first=today, last=today)
    engines = dict(Instance.objects.values_list("identifier", "engine"))
    observed = []
    for name in list_engines():
        try:
            capacity = observe_capacity(name)
        except CiviparoisseError as error:
            log.warning("capacity of %s: %s %s", name, error.code, error.params)
            continue
        measured = [use for instance, use in means.items() if engines.get(instance) == name]
        observed.append(EngineCapacity(engine=name, capacity=capacity, used=_add_used(measured)))
    return tuple(observed)


def select_used(places: Iterable[EngineCapacity]) -> list[EngineCapacity]:
    """Return the places that have an instance; all of them while none has."""
    shown = list(places)
    engines = set(Instance.objects.exclude(state=InstanceState.DELETED.value).values_list("engine", flat=True))
    return [place for place in shown if place.engine in engines] or shown


def _add_used(measured: Iterable[Any]) -> Reservation | None:
    uses = [use for containers in measured for use in containers.values()]
    if not uses:
        return None
    cpu = sum((use.cpu_millicores for use in uses), Decimal(0))
    memory = sum((use.memory_bytes for use in uses), Decimal(0))
    return Reservation(round(cpu), round(memory))


def make_gauges(places: Iterable[EngineCapacity]) -> list[dict[str, str]]:
    """Return two gauges an engine, CPU and memory: widths in per cent of what there is."""
    gauges = []
    for place in places:
        total, held, used = place.capacity.allocatable, place.capacity.reserved, place.used
        for label, index, write in ((_("CPU"), 0, format_cores), (_("Memory"), 1, format_bytes)):
            if total[index]:
                gauges.append(
                    {
                        "name": f"{label} – {place.engine}",
                        "text": _describe(total[index], held[index], used[index] if used else None, write),
                        **_make_widths(total[index], held[index], used[index] if used else 0),
                    }
                )
    return gauges


def _describe(total: int, held: int, used: int | None, write: Any) -> str:
    text = _("%(reserved)s reserved of %(total)s, %(free)s free") % {
        "reserved": write(held),
        "total": write(total),
        "free": write(max(total - held, 0)),
    }
    return text + ", " + (_("no measure") if used is None else _("%(used)s used") % {"used": write(used)})


def _make_widths(total: int, held: int, used: int) -> dict[str, str]:
    """Return the widths of what is used and of what is reserved beyond it; use may exceed a reservation."""
    seen = min(used, total)
    beyond = min(max(held - seen, 0), total - seen)
    return {"used": f"{seen * 100 / total:.1f}", "reserved": f"{beyond * 100 / total:.1f}"}


def describe_room(places: Iterable[EngineCapacity]) -> list[str]:
    """Return a sentence an engine: how many more instances fit, and what stops the next one."""
    sentences = []
    for place in places:
        more, binding = place.capacity.more, place.capacity.binding
        if more is None:
            sentences.append(_("%(engine)s does not tell its nodes.") % {"engine": place.engine})
            continue
        text = ngettext(
            "%(engine)s takes %(count)s more parish of the default plan; the next one lacks %(binding)s.",
            "%(engine)s takes %(count)s more parishes of the default plan; the next one lacks %(binding)s.",
            more,
        )
        what = BINDINGS[binding] if binding else ""
        sentences.append(text % {"engine": place.engine, "count": more, "binding": what})
        if place.capacity.new_nodes:
            new = _("Then %(engine)s makes a new node: up to %(count)s more.")
            sentences.append(new % {"engine": place.engine, "count": place.capacity.new_nodes})
    return sentences

"""Which size a container needs, from what it was measured to use. Pure: facts in, a proposal with its reasons out.

Guaranteed pods (request = limit), so a proposal is one amount per resource: memory is the highest peak and a margin,
since a container above its limit is killed; CPU is the worst day's 95th percentile and the same margin, since one
above its limit is only slowed. Percentiles as in KRR (worst day, not the mean of days), margin and smallest CPU as in
the Vertical Pod Autoscaler. A proposal is never below what the program cannot run without.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.specs import Plan, Resources
from finops.usage.evidence import Evidence
from finops.usage.floors import (
    MEBIBYTE,
    MYSQL_MINIMUM_BYTES,
    PHP_MEMORY_LIMIT_BYTES,
    SMALLEST_CPU_MILLICORES,
    SMALLEST_MEMORY_BYTES,
)

MARGIN_PERCENT = 15
# KRR's own minimum, and a week of it: a parish has its Sunday.
FEWEST_POINTS = 100
FEWEST_DAYS = 7
# Coarse on purpose: parishes of like use get the same plan.
CPU_STEP_MILLICORES = 50
MEMORY_STEP_BYTES = 64 * MEBIBYTE


class Reason(StrEnum):
    """Why a proposal is what it is; the words are in finops/wording/words.py."""

    MEASURED = "measured"
    FLOOR_WORKERS = "floor_workers"
    FLOOR_MYSQL = "floor_mysql"
    FLOOR_PHP = "floor_php"
    FLOOR_SMALLEST = "floor_smallest"
    NOT_MEASURED = "not_measured"
    TOO_FEW_POINTS = "too_few_points"
    TOO_FEW_DAYS = "too_few_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerAdvice:
    """What one container should get. `proposed` is `current` where nothing can be said; `evidence`: None where
    nothing was measured."""

    container: str
    current: Resources
    proposed: Resources
    evidence: Evidence | None
    reasons: tuple[Reason, ...]

    @property
    def is_change(self) -> bool:
        """Whether another size is proposed."""
        return self.proposed != self.current


def advise_plan(plan: Plan, use: Mapping[str, Evidence]) -> tuple[ContainerAdvice, ...]:
    """Return the advice for every container of the plan, by name; `use` is by the plan's container names."""
    return tuple(
        advise_container(name, plan.containers[name], use.get(name), workers=plan.prefork.max_request_workers)
        for name in sorted(plan.containers)
    )


def advise_container(name: str, current: Resources, evidence: Evidence | None, *, workers: int) -> ContainerAdvice:
    """Return the advice for one container; `workers` are Apache's, whose memory is the web server's floor."""
    doubt = find_doubt(evidence)
    if doubt is not None or evidence is None:
        kept = (doubt or Reason.NOT_MEASURED,)
        return ContainerAdvice(container=name, current=current, proposed=current, evidence=evidence, reasons=kept)
    memory_floor, why = find_memory_floor(name, workers=workers)
    wanted = add_margin(evidence.memory_peak)
    cpu = fit(
        add_margin(evidence.cpu_p95),
        floor=SMALLEST_CPU_MILLICORES,
        current=current.cpu_limit_millicores,
        step=CPU_STEP_MILLICORES,
    )
    memory = fit(wanted, floor=memory_floor, current=current.memory_limit_bytes, step=MEMORY_STEP_BYTES)
    reasons = (Reason.MEASURED, why) if memory_floor > wanted else (Reason.MEASURED,)
    proposed = Resources(
        cpu_request_millicores=cpu, cpu_limit_millicores=cpu, memory_request_bytes=memory, memory_limit_bytes=memory
    )
    return ContainerAdvice(container=name, current=current, proposed=proposed, evidence=evidence, reasons=reasons)


def fit(wanted: int, *, floor: int, current: int, step: int) -> int:
    """Return the amount that holds `wanted`, in steps. A floor and a step bound how far down it goes: only a measure
    that exceeds what there is makes it more."""
    if wanted > current:
        return round_up(max(wanted, floor), step)
    return min(round_up(max(wanted, floor), step), current)


def find_doubt(evidence: Evidence | None) -> Reason | None:
    """Return why nothing can be said yet; None when there is enough."""
    if evidence is None:
        return Reason.NOT_MEASURED
    if evidence.points < FEWEST_POINTS:
        return Reason.TOO_FEW_POINTS
    if evidence.days < FEWEST_DAYS:
        return Reason.TOO_FEW_DAYS
    return None


def find_memory_floor(name: str, *, workers: int) -> tuple[int, Reason]:
    """Return the memory without which the container's program does not do its work, and what sets it."""
    if name == "httpd":
        return workers * PHP_MEMORY_LIMIT_BYTES, Reason.FLOOR_WORKERS
    if name in ("db", "db_init"):
        return MYSQL_MINIMUM_BYTES, Reason.FLOOR_MYSQL
    if name == "cron":
        return PHP_MEMORY_LIMIT_BYTES, Reason.FLOOR_PHP
    return SMALLEST_MEMORY_BYTES, Reason.FLOOR_SMALLEST


def add_margin(amount: int) -> int:
    """Return an amount with the margin, rounded up."""
    return -(-amount * (100 + MARGIN_PERCENT) // 100)


def round_up(amount: int, step: int) -> int:
    """Return the next multiple of `step`, `amount` itself when it is one."""
    return -(-amount // step) * step


def apply_advice(plan: Plan, advice: Sequence[ContainerAdvice], *, name: str) -> Plan:
    """Return the plan with the proposed sizes, called `name`; volumes and Apache stay as they are."""
    return replace(plan, name=name, containers={entry.container: entry.proposed for entry in advice})

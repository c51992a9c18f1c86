"""What one container was measured to use between two days, as advice and pages need it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one container used between two days. `points`: samples; CPU in millicores, memory in bytes;
    `cpu_p95`, `memory_p95`: of the worst day; `cpu_peak`, `memory_peak`: the highest single sample."""

    first_day: date
    last_day: date
    days: int
    points: int
    cpu_p95: int
    cpu_peak: int
    memory_p95: int
    memory_peak: int


def combine_evidence(parts: Sequence[Evidence]) -> Evidence | None:
    """Return the evidence of separate days of one container together: the worst of each; None of none."""
    if not parts:
        return None
    return Evidence(
        first_day=min(part.first_day for part in parts),
        last_day=max(part.last_day for part in parts),
        days=sum(part.days for part in parts),
        points=sum(part.points for part in parts),
        cpu_p95=max(part.cpu_p95 for part in parts),
        cpu_peak=max(part.cpu_peak for part in parts),
        memory_p95=max(part.memory_p95 for part in parts),
        memory_peak=max(part.memory_peak for part in parts),
    )

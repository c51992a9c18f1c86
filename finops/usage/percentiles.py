"""What many samples come to, exactly. Pure."""

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Second since 1970, CPU in millicores, memory in bytes.
RECORD = struct.Struct("<QQQ")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a container. `second`: since 1970."""

    second: int
    cpu_millicores: int
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A day of one container. `points`: how many samples; CPU in millicores, memory in bytes."""

    points: int
    cpu_p50: int
    cpu_p95: int
    cpu_max: int
    cpu_sum: int
    memory_p50: int
    memory_p95: int
    memory_max: int
    memory_sum: int


def compute_percentile(ordered: Sequence[int], percent: int) -> int:
    """Return the smallest of the ordered values that `percent` of them do not exceed (nearest rank: a value that was
    really seen)."""
    rank = max(1, math.ceil(len(ordered) * percent / 100))
    return ordered[rank - 1]


def summarise(samples: Sequence[Sample]) -> Summary:
    """Return what the samples, at least one, come to."""
    cpu = sorted(sample.cpu_millicores for sample in samples)
    memory = sorted(sample.memory_bytes for sample in samples)
    return Summary(
        points=len(samples),
        cpu_p50=compute_percentile(cpu, 50),
        cpu_p95=compute_percentile(cpu, 95),
        cpu_max=cpu[-1],
        cpu_sum=sum(cpu),
        memory_p50=compute_percentile(memory, 50),
        memory_p95=compute_percentile(memory, 95),
        memory_max=memory[-1],
        memory_sum=sum(memory),
    )


def pack(samples: Iterable[Sample]) -> bytes:
    """Return samples as 24 bytes each, little-endian."""
    return b"".join(RECORD.pack(sample.second, sample.cpu_millicores, sample.memory_bytes) for sample in samples)


def unpack(stored: bytes) -> list[Sample]:
    """Return the samples that `pack` made bytes of."""
    return [Sample(*numbers) for numbers in RECORD.iter_unpack(stored)]

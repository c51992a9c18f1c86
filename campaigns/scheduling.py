"""Who begins next and when a campaign stops: the rules, as functions of counts. Pure: no row, no clock."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.campaigns import PauseReason


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveCount:
    """How the members of one wave stand. `failed`: that nobody has accepted yet; `accepted`: that somebody has."""

    waiting: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    accepted: int = 0

    @property
    def size(self) -> int:
        """How many take part."""
        return self.waiting + self.running + self.done + self.failed + self.accepted

    @property
    def is_open(self) -> bool:
        """Whether something of it is still to end."""
        return bool(self.waiting or self.running)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A member whose wave is at work. `lock`: what its operation would hold."""

    key: int
    cluster: str
    lock: str


def find_current_wave(counts: Mapping[int, WaveCount]) -> int | None:
    """Return the wave whose members may begin: the first that has not ended. None when all have, or when the last of
    the first open one are at work."""
    for wave in sorted(counts):
        if counts[wave].is_open:
            return wave if counts[wave].waiting else None
    return None


def has_ended(counts: Mapping[int, WaveCount]) -> bool:
    """Return whether nothing waits and nothing is at work."""
    return not any(count.is_open for count in counts.values())


def find_stop(
    counts: Mapping[int, WaveCount], *, stop_after_failures: int | None, stop_share_percent: int | None
) -> PauseReason | None:
    """Return why nothing more may begin, None when it may. A wave that has wholly failed stops, whatever the rule says:
    what its first ones did not survive is not done to the others. With nothing left to begin nothing is stopped."""
    if not any(count.waiting for count in counts.values()):
        return None
    if stop_after_failures is not None and sum(count.failed for count in counts.values()) >= stop_after_failures:
        return PauseReason.FAILURES
    for count in counts.values():
        if stop_share_percent is not None and count.failed * 100 > stop_share_percent * count.size:
            return PauseReason.SHARE
        if count.failed and not count.done and not count.is_open:
            return PauseReason.WAVE
    return None


def choose_next(
    waiting: Sequence[Candidate], *, running: Iterable[str], limit_per_cluster: int, busy: Collection[str]
) -> list[Candidate]:
    """Return those of `waiting`, in their order, that may begin now: as many per cluster as are free beside `running`
    (the cluster of each member at work). One that is busy waits its turn and lets the next one go first."""
    at_work = Counter(running)
    chosen = []
    for candidate in waiting:
        if candidate.lock not in busy and at_work[candidate.cluster] < limit_per_cluster:
            at_work[candidate.cluster] += 1
            chosen.append(candidate)
    return chosen


def split_waves(count: int, sizes: Sequence[int | None]) -> list[int]:
    """Return the wave of each of `count` members in their order; those that no size names are of the last wave."""
    waves: list[int] = []
    for wave, size in enumerate(sizes):
        left = count - len(waves)
        waves += [wave] * (left if size is None else min(size, left))
    return waves + [max(0, len(sizes) - 1)] * (count - len(waves))

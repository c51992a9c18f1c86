"""Random lives of parishes as intervals: provisioned, suspended, resumed, resized, deleted, backed up."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from finops.calendar import Month, compute_day, compute_day_bounds
from finops.models import Interval

GIBIBYTE = 2**30
DAY = 86_400
SERVERS = {"db": (250, 384 * 2**20), "httpd": (1100, 1124 * 2**20)}
VOLUMES = {"db": GIBIBYTE, "files": GIBIBYTE, "private": GIBIBYTE, "backups": 2 * GIBIBYTE}
CRON = (350, 356 * 2**20)


def make_lives(count: int, *, first: Month, last: Month, seed: int, tally_every_days: int = 1) -> list[Interval]:
    """Return the intervals of `count` parishes from the beginning of `first` to the end of `last`, not saved."""
    chance = random.Random(seed)
    rows: list[Interval] = []
    for number in range(count):
        life = _Life(f"parish-{number:05}", chance, start=first.start, end=last.end)
        rows += life.live(tally_every_days=tally_every_days)
    return rows


class _Life:
    """One parish: phases of random length, in each of which it is active or suspended, perhaps of another size."""

    def __init__(self, slug: str, chance: random.Random, *, start: int, end: int) -> None:
        self.slug = slug
        self.chance = chance
        self.end = end
        self.born = chance.randrange(start - 30 * DAY, end - DAY)
        self.dies = chance.random() < 0.2
        self.gone = chance.randrange(self.born + 3600, end) if self.dies else end

    def live(self, *, tally_every_days: int) -> list[Interval]:
        """Return its intervals."""
        phases = list(self._make_phases())
        rows = [row for begin, stop, size, active in phases if active for row in self._serve(begin, stop, size)]
        rows += [
            self._hold(
                "storage",
                name,
                self.born,
                self.gone if name != "backups" else self._find_last_byte(),
                storage_bytes=size,
            )
            for name, size in VOLUMES.items()
        ]
        rows += self._keep_backups()
        rows += [
            row for begin, stop, _size, active in phases if active for row in self._tally(begin, stop, tally_every_days)
        ]
        return rows

    def _make_phases(self) -> Iterator[tuple[int, int, int, bool]]:
        moment, active, size = self.born, True, 1
        while moment < self.gone:
            stop = min(self.gone, moment + self.chance.randrange(3600, 200 * DAY))
            yield moment, stop, size, active
            moment, active = stop, self.chance.random() < 0.7
            size = self.chance.choice([1, 1, 2])

    def _find_last_byte(self) -> int:
        return min(self.end, self.gone + self.chance.randrange(0, 60 * DAY)) if self.dies else self.end

    def _serve(self, begin: int, stop: int, size: int) -> Iterator[Interval]:
        for name, (cpu, memory) in SERVERS.items():
            yield self._hold("compute", name, begin, stop, cpu_millicores=size * cpu, memory_bytes=size * memory)

    def _keep_backups(self) -> Iterator[Interval]:
        for number in range(self.chance.randrange(1, 6)):
            begin = self.chance.randrange(self.born, self.gone)
            stop = min(self.end, begin + self.chance.randrange(DAY, 90 * DAY))
            size = self.chance.randrange(10**6, 10**9)
            yield self._hold("backup", f"{self.slug}-{number}", begin, stop, storage_bytes=size)

    def _tally(self, begin: int, stop: int, every: int) -> Iterator[Interval]:
        """Yield the tally of every so many days that lie whole between two seconds."""
        cpu, memory = CRON
        day = compute_day(begin) + timedelta(days=self.chance.randrange(1, 1 + every))
        while (bounds := compute_day_bounds(day))[1] <= stop:
            sizes = {"cpu_millicores": cpu, "memory_bytes": memory}
            held = self.chance.randrange(0, 8000)
            yield self._hold("run", "cron", *bounds, held_seconds=held, runs=144, source="live", **sizes)
            day += timedelta(days=every)

    def _hold(self, resource: str, component: str, start: int, end: int, **amounts: Any) -> Interval:
        is_open = end >= self.end and resource != "run"
        values = {
            "instance": self.slug,
            "tenant": self.slug,
            "engine": "fake",
            "resource": resource,
            "component": component,
            "source": "spec",
            "start": start,
            "end": None if is_open else max(end, start + 1),
            "open_key": f"{self.slug}/{resource}/{component}" if is_open else None,
        }
        return Interval(**{**values, **amounts})

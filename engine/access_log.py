"""What a web server's log says of visits: lines of the combined format (Apache, nginx), bytes in, times out. Pure.

A visitor chooses the request line, the Referer and the User-Agent; the server escapes what would end their quotes. So a
request is somebody's by its quoted User-Agent, whole, and by nothing else. Whoever takes the manager's name is not
counted. Of a line only the time is kept: no address, no path.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# How the manager names itself to every server that it asks.
MANAGER_AGENT = "civiparoisse-manager"
# What kubelets call themselves (with their version), and Apache when it wakes its own children.
KUBELET = b"kube-probe/"
APACHE_ITSELF = b"(internal dummy connection)"
# A line has three fields that a client sends: 8,190 bytes each at most (LimitRequestLine, LimitRequestFieldSize), four
# times that where each byte is escaped.
LINE_BYTES = 128 * 1024
# How far the clock of a web server may be from ours.
CLOCKS_APART = timedelta(minutes=5)
MONTHS = {
    name.encode(): number
    for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)
}
QUOTED = rb'"((?:[^"\\]|\\.)*)"'
# Addresses and names first, whatever they are; after the User-Agent a format may have more.
LINE = re.compile(
    rb"[^\[\]\"]{1,2048}\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\] "
    + QUOTED
    + rb" \d{3} (?:\d+|-) "
    + QUOTED
    + rb" "
    + QUOTED
    + rb"(?: .*)?"
)


@dataclass(frozen=True, slots=True)
class Request:
    """One line: when, who says to have asked (escaped as the log has it), and whether anything was asked at all."""

    at: datetime
    agent: bytes
    is_empty: bool = False

    @property
    def is_visit(self) -> bool:
        """Return whether somebody asked: not the manager, not a probe of the cluster's, not the server itself."""
        machine = self.agent.startswith(KUBELET) or self.agent.endswith(APACHE_ITSELF)
        return not (self.is_empty or machine or self.is_probe)

    @property
    def is_probe(self) -> bool:
        """Return whether the manager asked."""
        return self.agent == MANAGER_AGENT.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a part of a log says: the times of the last visit and of the manager's last own request, None where there is
    none. `is_cut`: its end was not read."""

    visited_at: datetime | None = None
    probed_at: datetime | None = None
    is_cut: bool = False

    def merge(self, other: "Reading") -> "Reading":
        """Return what both say."""
        return Reading(
            visited_at=_find_later(self.visited_at, other.visited_at),
            probed_at=_find_later(self.probed_at, other.probed_at),
            is_cut=self.is_cut or other.is_cut,
        )


def parse_line(line: bytes) -> Request | None:
    """Return the request of a line, None for a line of anything else."""
    match = LINE.fullmatch(line.rstrip(b"\r\n")) if len(line) <= LINE_BYTES else None
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes, request, _referer, agent = match.groups()
    try:
        local = datetime(int(year), MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        at = local - ahead if sign == b"+" else local + ahead
    except (KeyError, ValueError, OverflowError):
        return None
    return Request(at, agent, is_empty=request in (b"", b"-"))


def read_lines(lines: Iterable[bytes], *, since: datetime, now: datetime) -> Reading:
    """Return what lines of a log say of the time from `since` on. A time still to come is not believed, one of a clock
    that is a little ahead is `now`."""
    last = Reading()
    for request in map(parse_line, lines):
        if request is None or not since <= request.at <= now + CLOCKS_APART:
            continue
        at = min(request.at, now)
        last = last.merge(
            Reading(visited_at=at if request.is_visit else None, probed_at=at if request.is_probe else None)
        )
    return last


def split_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the whole lines of what comes in pieces; of a longer one than any request's only a part is held."""
    held = b""
    for piece in pieces:
        first, newline, rest = piece.partition(b"\n")
        held += first[: LINE_BYTES + 1 - len(held)]
        if not newline:
            continue
        yield held
        *lines, held = rest.split(b"\n")
        yield from lines
        held = held[: LINE_BYTES + 1]


def _find_later(first: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (first, other) if moment is not None), default=None)

"""How full an instance's volumes are, whether its database takes rows: what was last seen, how bad that is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.findings import Finding, Level

# What the names of runs begin with that look at room, where the manager starts them.
ROOM_JOB = "room"
# Percent of a volume's bytes, or of its inodes.
WARNING_PERCENT = 85
CRITICAL_PERCENT = 95
# (level, whether it holds backups) -> the finding.
CODES = {
    (Level.WARNING, False): "volume_filling",
    (Level.CRITICAL, False): "volume_full",
    (Level.WARNING, True): "volume_filling_backups",
    (Level.CRITICAL, True): "volume_full_backups",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedRoom:
    """What a program that runs in the instance anyway saw, `at` that time. `percents`: used of each volume (db, files,
    private, backups); `free_bytes`: left of each; `write_error`: why the database took no row, in the server's words,
    "" where it took one, None where that was not tried."""

    at: datetime
    percents: Mapping[str, int] = field(default_factory=dict)
    free_bytes: Mapping[str, int] = field(default_factory=dict)
    write_error: str | None = None


def parse_room(result: Mapping[str, Any] | None, at: datetime | None) -> ObservedRoom | None:
    """Return what a program's result tells of room; None when it tells nothing, or not in our form."""
    if at is None or result is None or result.get("look") != "room":
        return None
    volumes, said = result.get("volumes"), result.get("write_error")
    if not isinstance(volumes, Mapping) or not (said is None or isinstance(said, str)):
        return None
    percents, free_bytes = {}, {}
    for name, figures in volumes.items():
        percent, free = (figures.get("percent"), figures.get("free")) if isinstance(figures, Mapping) else (None, None)
        if isinstance(percent, int) and isinstance(free, int):
            percents[str(name)], free_bytes[str(name)] = percent, free
    return ObservedRoom(at=at, percents=percents, free_bytes=free_bytes, write_error=said)


def list_room_findings(room: ObservedRoom, *, instance: str) -> list[Finding]:
    """Return what is wrong, the worst first; empty when there is room and rows are taken."""
    findings = []
    if room.write_error:
        params = {"instance": instance, "detail": room.write_error}
        findings.append(Finding(code="database_takes_no_rows", level=Level.CRITICAL, params=params))
    for name, percent in sorted(room.percents.items(), key=lambda item: -item[1]):
        if percent >= WARNING_PERCENT:
            figures = {"volume": name, "percent": percent, "used": f"{percent}\N{NO-BREAK SPACE}%"}
            level = Level.CRITICAL if percent >= CRITICAL_PERCENT else Level.WARNING
            # Backups have their own way out: sets that are no longer needed.
            code = CODES[level, name == "backups"]
            findings.append(Finding(code=code, level=level, params={"instance": instance, **figures}))
    return findings

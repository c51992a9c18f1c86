"""How full instances are: what looks saw of their volumes and databases, kept for every door that tells it."""

from typing import Any

from domain.finding_texts import finding_as_dict, render_finding
from domain.findings import Finding
from domain.room import ObservedRoom, list_room_findings
from domain.specs import ObservedInstance
from operations.models import InstanceRoom
from tenants.models import Instance

TEXT_LENGTH = 255


def record_room(instance: Instance, seen: ObservedInstance | None) -> None:
    """Keep what an engine saw of the instance's room, unless it is known already. Never goes back in time."""
    room = seen.room if seen is not None else None
    if room is None:
        return
    known = InstanceRoom.objects.filter(instance=instance)
    if known.filter(looked_at__gte=room.at).exists():
        return
    values = {
        "looked_at": room.at,
        "percents": dict(room.percents),
        "free_bytes": dict(room.free_bytes),
        "write_error": None if room.write_error is None else room.write_error[:TEXT_LENGTH],
        "most_percent": min(100, max(room.percents.values(), default=0)),
    }
    InstanceRoom.objects.update_or_create(instance=instance, defaults=values)


def get_room(instance: Instance) -> ObservedRoom | None:
    """Return what was last seen of the instance's room, None where nothing was."""
    row = InstanceRoom.objects.filter(instance=instance).first()
    if row is None:
        return None
    return ObservedRoom(at=row.looked_at, percents=row.percents, free_bytes=row.free_bytes, write_error=row.write_error)


def list_findings(instance: Instance) -> list[Finding]:
    """Return what is wrong with the instance's room, the worst first."""
    room = get_room(instance)
    return [] if room is None else list_room_findings(room, instance=instance.identifier)


def room_as_dict(instance: Instance) -> dict[str, Any]:
    """Return the instance's room as every door shows it, `findings` with their texts in the active language; empty
    figures where nothing was seen yet."""
    room = get_room(instance)
    shown = []
    for finding in list_findings(instance):
        message, hint = render_finding(finding.code, finding.params)
        shown.append({**finding_as_dict(finding), "message": message, "hint": hint})
    return {
        "looked_at": room.at.isoformat(timespec="seconds") if room else None,
        "percents": dict(room.percents) if room else {},
        "free_bytes": dict(room.free_bytes) if room else {},
        "write_error": room.write_error if room else None,
        "findings": shown,
    }

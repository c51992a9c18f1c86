"""How full instances are: what looks saw of their volumes and databases, kept for every door that tells it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from domain.finding_texts import finding_as_dict, render_finding
from domain.findings import Finding
from domain.room import ObservedRoom, list_room_findings
from domain.specs import ObservedInstance
from operations.models import InstanceRoom
from tenants.models import Instance

TEXT_LENGTH = 255
FIELDS = ("looked_at", "percents", "free_bytes", "write_error", "most_percent")
# Rows written at once: what one statement may hold.
BATCH = 500


def record_rooms(seen: Mapping[int, ObservedInstance | None]) -> None:
    """Keep what engines saw of instances' rooms, by their keys, as far as it is not known already. Never goes back in
    time. The number of queries does not grow with the instances."""
    rooms = {pk: one.room for pk, one in seen.items() if one is not None and one.room is not None}
    known = dict(InstanceRoom.objects.filter(instance__in=list(rooms)).values_list("instance", "looked_at"))
    newer = {pk: room for pk, room in rooms.items() if pk not in known or known[pk] < room.at}
    if not newer:
        return
    with transaction.atomic():
        made = [InstanceRoom(instance_id=pk, **_make_values(newer[pk])) for pk in newer if pk not in known]
        InstanceRoom.objects.bulk_create(made, ignore_conflicts=True, batch_size=BATCH)
        rows = list(InstanceRoom.objects.select_for_update().filter(instance__in=list(newer)).order_by("pk"))
        behind = [row for row in rows if row.looked_at < newer[row.instance_id].at]
        for row in behind:
            for name, value in _make_values(newer[row.instance_id]).items():
                setattr(row, name, value)
        if behind:
            InstanceRoom.objects.bulk_update(behind, FIELDS, batch_size=BATCH)


def _make_values(room: ObservedRoom) -> dict[str, Any]:
    return {
        "looked_at": room.at,
        "percents": dict(room.percents),
        "free_bytes": dict(room.free_bytes),
        "write_error": None if room.write_error is None else room.write_error[:TEXT_LENGTH],
        "most_percent": min(100, max(room.percents.values(), default=0)),
    }


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

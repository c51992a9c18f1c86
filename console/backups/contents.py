"""What a look into a set found, on its operation's page: names, sizes, and the ways to look further."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.urls import reverse

from backups.browse_parameters import FILES
from backups.kinds.browse import BROWSE
from civiparoisse.presentation import NOTHING, format_count, format_size, format_time
from domain.states import OperationState
from operations.models import Operation

DIRECTORY = "directory"


@dataclass(frozen=True)
class Look:
    """One way to look further: the form's hidden fields."""

    fields: dict[str, Any]


def make_contents(operation: Operation) -> dict[str, Any] | None:
    """Return what the page shows of a look that has succeeded; None for everything else."""
    if operation.kind != BROWSE.code or operation.state != OperationState.SUCCEEDED or operation.instance is None:
        return None
    found = operation.result
    asked = {name: found[name] for name in ("look", "within", "below", "search")} | {"backup": found["backup_id"]}
    is_files = found["look"] == FILES
    return {
        "address": reverse("admin:tenants_instance_ask", args=[operation.instance_id, BROWSE.code]),
        "is_files": is_files,
        "place": "/".join(filter(None, (found["within"], found["below"]))),
        "rows": [_make_row(entry, asked, is_files=is_files) for entry in found["entries"]],
        "up": _make_look(asked, **_go_up(asked)) if is_files and found["within"] else None,
        "more": _make_look(asked, after=found["next"]) if found["next"] is not None else None,
    }


def _go_up(asked: dict[str, Any]) -> dict[str, str]:
    """Return what leads to the directory above; above a tree stand all trees."""
    if not asked["below"]:
        return {"within": "", "search": ""}
    return {"below": asked["below"].rpartition("/")[0], "search": ""}


def _make_row(entry: dict[str, Any], asked: dict[str, Any], *, is_files: bool) -> dict[str, Any]:
    if not is_files:
        return {"name": f"{entry['within']}.{entry['name']}", "rows": format_count(entry["rows"]), "open": None}
    opened = None
    if entry["kind"] == DIRECTORY and not entry["name"].endswith("…"):
        opened = _make_look(asked, within=entry["within"], below=entry["name"], search="")
    return {
        "name": f"{entry['within']}/{entry['name']}",
        "size": NOTHING if entry["kind"] == DIRECTORY else format_size(entry["bytes"]),
        "at": format_time(datetime.fromtimestamp(entry["at"], UTC)),
        "mode": entry["mode"],
        "link": entry.get("link", ""),
        "open": opened,
    }


def _make_look(asked: dict[str, Any], **changes: Any) -> Look:
    return Look({**asked, **changes, "idempotency_key": uuid4().hex})

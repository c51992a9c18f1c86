"""List or search the tables or the files of a backup."""

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from backups.kinds.browse import BROWSE
from domain.states import OperationState
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module. With --wait the page itself is the answer."""

    kind = BROWSE.code

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line for each entry, and how to go on."""
        if answer.get("state") != OperationState.SUCCEEDED:
            return super().format_answer(answer)
        result = answer["result"]
        lines = [format_entry(entry) for entry in result["entries"]] or [_("nothing found")]
        if result["next"] is not None:
            lines.append(_("There is more: --after %(next)s") % {"next": result["next"]})
        return "\n".join(lines)


def format_entry(entry: dict[str, Any]) -> str:
    """Return one table or file as a line."""
    where = f"{entry['within']}{'.' if 'rows' in entry else '/'}{entry['name']}"
    if "rows" in entry:
        rows = "-" if entry["rows"] is None else entry["rows"]
        return f"{rows:>12} {entry['kind']:<9} {where}"
    at = datetime.fromtimestamp(entry["at"], UTC).strftime("%Y-%m-%d %H:%M")
    link = f" -> {entry['link']}" if "link" in entry else ""
    return f"{entry['bytes']:>12} {at} {entry['mode']} {entry['kind']:<9} {where}{link}"

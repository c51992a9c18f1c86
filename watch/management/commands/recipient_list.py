"""List who is told of what, and whose messages do not arrive."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand
from watch.documents import RecipientSerializer, list_recipients


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("List who is told of what, and whose messages do not arrive.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Nothing narrows it."""

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - DocumentCommand's signature
        """Return the recipients."""
        return {"recipients": RecipientSerializer(list_recipients(), many=True).data}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per recipient."""
        lines = []
        for row in answer["recipients"]:
            state = "" if row["active"] else f" {_('(not active)')}"
            late = f" – {_('%(count)s not arrived') % {'count': row['waiting']}}" if row["waiting"] else ""
            lines.append(f"{row['name']} <{row['address']}>{state}{late}")
        return "\n".join(lines) or _("Nobody is told.")

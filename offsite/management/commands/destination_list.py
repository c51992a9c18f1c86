"""List the destinations of copies, with the results of their last checks."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offsite.documents import RecordedDestinationSerializer
from offsite.models import Destination
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy(
        "List the destinations of copies, with the results of their last checks. No secret is shown."
    )

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """Return them by name."""
        return {"destinations": list(RecordedDestinationSerializer(Destination.objects.all(), many=True).data)}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per destination."""
        lines = [
            _("%(name)s: %(kind)s, lock %(lock_mode)s, check %(level)s, at %(checked_at)s")
            % {**row, "level": row["level"] or "-", "checked_at": row["checked_at"] or "-"}
            for row in answer["destinations"]
        ]
        return "\n".join(lines) or _("No destination.")

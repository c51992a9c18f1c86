"""Print the card that is kept with the paper of the recovery key: where the copies are, and the steps. No secret."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offsite.documents import RecordedDestinationSerializer
from offsite.models import Destination, RecoveryKey
from operations.commands import DocumentCommand
from recovery.making import get_manager_id
from recovery.models import ManagerArchive

STEPS = (
    "make setup",
    "manage.py manager_restore place.yaml --list",
    "manage.py manager_restore place.yaml",
    "scripts/services.py start",
    "manage.py manager_check",
    "manage.py fleet_recover --dry-run",
    "manage.py fleet_recover",
)


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy(
        "Print the card to keep with the recovery key: where the copies are and what to do. It holds no secret."
    )

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """Return which manager it is, the keys that open its archives, the places, and the steps."""
        keys = RecoveryKey.objects.exclude(proven_at=None)
        last = ManagerArchive.objects.order_by("-made_at").first()
        return {
            "printed_at": timezone.now().isoformat(timespec="seconds"),
            "manager": get_manager_id(),
            "recovery_keys": list(keys.values_list("recipient", flat=True)),
            "last_archive_at": last.made_at.isoformat(timespec="seconds") if last else None,
            "destinations": list(
                RecordedDestinationSerializer(Destination.objects.filter(enabled=True), many=True).data
            ),
            "steps": list(STEPS),
        }

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the card, ready to print."""
        lines = [
            _("Everything is lost: docs/disaster.md has each step. Nothing in them deletes anything."),
            _("Printed on %(printed_at)s, manager %(manager)s.") % answer,
            "",
            _("Keys that open the archives (their private halves are on paper):"),
            *([f"  {key}" for key in answer["recovery_keys"]] or ["  " + _("none was proven: nothing can be opened")]),
            "",
            _("Where the copies are (accounts and passwords: kept elsewhere):"),
            *(_format_places(answer["destinations"]) or ["  " + _("nowhere: no destination of copies is in use")]),
            "",
            _("The steps, on a Debian 12 machine:"),
            *(f"  {number}. {step}" for number, step in enumerate(answer["steps"], start=1)),
        ]
        return "\n".join(lines)


def _format_places(destinations: list[dict[str, Any]]) -> list[str]:
    """Return two lines for each place: its name and kind, then its settings that are no secret."""
    lines = []
    for row in destinations:
        lines.append(f"  {row['name']} ({row['kind']})")
        told = {name: value for name, value in row["settings"].items() if value not in (None, "", True, False)}
        lines.append("    " + ", ".join(f"{name}: {value}" for name, value in told.items()))
    return lines

"""List backups, newest first."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.documents import BackupSerializer
from backups.models import BackupMode, BackupReason, BackupScope, BackupState, ProofOutcome
from backups.selectors import list_backups
from civiparoisse.presentation import format_size
from operations.commands import DocumentCommand, parse_limit
from operations.selectors import get_instance
from tenants.registry import get_tenant


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("List backups, newest first.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the filters."""
        parser.add_argument("--tenant", help=_("only this parish's (its sub-domain)"))
        parser.add_argument("--instance", help=_("only this instance's"))
        parser.add_argument("--state", choices=BackupState.values)
        parser.add_argument("--scope", choices=BackupScope.values)
        parser.add_argument("--limit", type=parse_limit, default=50, help=_("how many at most"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the backups. Raise NotFound for a parish or an instance that there is not."""
        if options["tenant"]:
            get_tenant(options["tenant"])
        if options["instance"]:
            get_instance(options["instance"])
        rows = list_backups(**{name: options[name] for name in ("tenant", "instance", "state", "scope")})
        return {"backups": list(BackupSerializer(rows[: options["limit"]], many=True).data)}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per backup."""
        return "\n".join(map(format_backup, answer["backups"])) or _("No backup.")


def format_backup(backup: dict[str, Any]) -> str:
    """Return a backup (as of BackupSerializer) in a line."""
    words = [
        BackupState(backup["state"]).label,
        BackupScope(backup["scope"]).label,
        BackupMode(backup["mode"]).label,
        format_size(backup["stored_bytes"]),
    ]
    if backup["reason"] != BackupReason.REQUESTED:
        words.append(BackupReason(backup["reason"]).label)
    if backup["proof"]:
        proof = backup["proof"]
        words.append(f"{ProofOutcome(proof['outcome']).label} {proof['ended_at'][:10]}")
    line = f"{backup['id']} {backup['instance']}: {', '.join(map(str, words))}"
    return f"{line}\n  {backup['error']['message']}" if backup["error"] else line

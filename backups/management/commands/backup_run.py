"""Back up an instance."""

from typing import Any

from django.core.management.base import CommandParser

from backups.models import BackupMode, BackupScope
from backups.parameters import CODECS
from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module."""

    help = "Back up an instance: databases, files, and a signed manifest that was read back."
    kind = OperationKind.BACKUP

    def add_parameters(self, parser: CommandParser) -> None:
        """Add what is backed up, and how."""
        parser.add_argument("--scope", choices=BackupScope.values, help="full unless said otherwise")
        parser.add_argument("--mode", choices=BackupMode.values, help="cold stops web and cron meanwhile; hot if not")
        parser.add_argument("--codec", choices=CODECS, help="the setting CIVIPAROISSE_BACKUP_CODEC if not given")

    def make_parameters(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return what was given; the rest has defaults."""
        return {name: options[name] for name in ("scope", "mode", "codec") if options[name]}

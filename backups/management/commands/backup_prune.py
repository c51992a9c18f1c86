"""Remove backups that are out of retention, or some by name; the newest good one always stays."""

from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module."""

    kind = OperationKind.PRUNE

"""Purge an instance; a final backup is taken first and backups are kept unless said otherwise."""

from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module."""

    kind = OperationKind.DELETE

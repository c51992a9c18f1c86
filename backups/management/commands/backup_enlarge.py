"""Give an instance a larger backup volume; nothing else changes."""

from backups.kinds.enlarge import ENLARGE
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module."""

    kind = ENLARGE.code

"""Start a suspended instance again."""

from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module."""

    kind = OperationKind.RESUME

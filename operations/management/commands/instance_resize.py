"""Give an instance another plan: other sizes, the same data."""

from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module."""

    kind = OperationKind.RESIZE

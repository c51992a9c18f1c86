"""Create an instance: volumes, databases, site, servers."""

from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module."""

    kind = OperationKind.PROVISION

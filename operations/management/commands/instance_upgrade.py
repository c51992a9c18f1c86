"""Bring an instance to another release; what fails is put back as it was."""

from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module."""

    kind = OperationKind.UPGRADE

"""Remove what an engine holds without an Instance row (finops_recommend lists it): all under a name, or one volume."""

from typing import Any

from django.utils.translation import gettext_lazy

from clusters.kinds.removal import REMOVE
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module."""

    kind = REMOVE.code
    subject_help: Any = gettext_lazy("the name under which the engine has it")

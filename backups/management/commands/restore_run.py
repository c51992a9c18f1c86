"""Put a backup back into its instance, or with --target into a copy of the same parish."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from domain.states import OperationKind
from operations.commands import OperationCommand
from operations.selectors import get_instance


class Command(OperationCommand):
    """See the module. The operation is that of the instance that gets overwritten."""

    kind = OperationKind.RESTORE
    without = ("source",)

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add where to."""
        super().add_own_arguments(parser)
        parser.add_argument("--target", metavar="INSTANCE", help=_("overwrite this copy and leave INSTANCE as it is"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Request the operation on what gets overwritten."""
        get_instance(options["instance"])
        overwritten = options["target"] or options["instance"]
        return super().make_answer({**options, "source": options["instance"], "instance": overwritten})

    def make_parameters(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the operation's parameters, with the instance that the backup is of."""
        return {**super().make_parameters(options), "source": options["source"]}

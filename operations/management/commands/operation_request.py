"""Ask for an operation of any kind: operation_request KIND INSTANCE, with the kind's own options."""

from argparse import SUPPRESS
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import OperationCommand
from operations.registry import list_kinds


class Command(OperationCommand):
    """See the module. Each kind has its own help: operation_request KIND --help."""

    help: Any = gettext_lazy("Ask for an operation of any kind on an instance.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add each kind with its options."""
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
        for kind in list_kinds():
            own = kinds.add_parser(kind.code, help=_(kind.summary), description=_(kind.summary))
            own.add_argument("--json", action="store_true", dest="as_json", default=SUPPRESS, help=SUPPRESS)
            self.add_operation_arguments(own, kind)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Request the operation of the kind that was named."""
        self.kind = options["kind"]
        return super().make_answer(options)

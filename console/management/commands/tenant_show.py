"""Show a parish's parameters and instances; never its passwords."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.words import word
from operations.commands import DocumentCommand
from tenants.documents import tenant_as_dict
from tenants.registry import get_tenant


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("Show a parish's parameters and instances; never its passwords.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the parish."""
        parser.add_argument("tenant", help=_("sub-domain of the parish"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the parish. Raise NotFound."""
        return tenant_as_dict(get_tenant(options["tenant"]))

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per parameter, then one per instance."""
        lines = [f"{name:22} {value}" for name, value in answer.items() if name != "instances" and value != ""]
        lines += [
            f"{row['instance']}: {word('state', row['state'])}  {row['url'] or row['host']}"
            for row in answer["instances"]
        ]
        return "\n".join(lines)

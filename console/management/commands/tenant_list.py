"""List the parishes and their instances."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.words import word
from operations.commands import DocumentCommand
from tenants.models import Tenant


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("List the parishes and their instances.")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """Return the parishes by sub-domain, with their instances' states."""
        tenants = Tenant.objects.only("slug", "name", "city").prefetch_related("instances")
        return {
            "tenants": [
                {
                    "slug": tenant.slug,
                    "name": tenant.name,
                    "city": tenant.city,
                    "instances": {row.identifier: row.state for row in tenant.instances.all()},
                }
                for tenant in tenants
            ]
        }

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per parish."""
        lines = []
        for tenant in answer["tenants"]:
            instances = (
                ", ".join(f"{name}: {word('state', state)}" for name, state in tenant["instances"].items()) or "-"
            )
            lines.append(f"{tenant['slug']:24} {tenant['name']} ({tenant['city']})  {instances}")
        return "\n".join(lines) or _("No parish.")

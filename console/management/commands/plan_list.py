"""List plans: their sizes, what an instance of each holds, and how many use it."""

from typing import Any

from django.utils.translation import gettext_lazy

from console.plans.options import format_plan, show_plan
from operations.commands import DocumentCommand
from tenants.models import Plan


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("List plans: their sizes, what an instance of each holds, and how many use it.")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - every command's signature
        """Return the plans, by name."""
        return {"plans": [show_plan(plan) for plan in Plan.objects.prefetch_related("containers")]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per plan."""
        return "\n".join(format_plan(plan) for plan in answer["plans"])

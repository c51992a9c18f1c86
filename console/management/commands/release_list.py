"""List releases: their versions, and how many instances use each."""

from typing import Any

from django.utils.translation import gettext_lazy

from console.plans.options import format_release
from operations.commands import DocumentCommand
from tenants.catalogue import release_as_dict
from tenants.models import Release


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("List releases: their versions, and how many instances use each.")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - every command's signature
        """Return the releases, by name."""
        return {"releases": [release_as_dict(release) for release in Release.objects.all()]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per release."""
        return "\n".join(format_release(release) for release in answer["releases"])

"""Show every image of an instance, and where it comes from."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clusters.images import list_images
from operations.commands import DocumentCommand
from operations.selectors import get_instance


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy(
        "Show every image of an instance: who names it (release or blueprint), and what the cluster makes of it."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the instance."""
        parser.add_argument("instance", help=_("identifier of the instance"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the images by role. Raise NotFound."""
        instance = get_instance(options["instance"])
        return {"instance": instance.identifier, "engine": instance.engine, "images": list_images(instance)}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per image."""
        lines = [
            f"{image['role']:8} {image['reference']}  ({', '.join(image['sources'])})" for image in answer["images"]
        ]
        return "\n".join(lines) or _("The local engine runs programs of this machine, no images.")

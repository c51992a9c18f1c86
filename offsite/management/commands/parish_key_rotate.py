"""Make a new key for the copies of a parish; the earlier ones stay, for what was sealed to them."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offsite.key_usage import describe_rotation
from offsite.keys import rotate_parish_key
from operations.commands import DocumentCommand
from tenants.registry import get_tenant


class Command(DocumentCommand):
    """`parish_key_rotate saint-paul --dry-run`."""

    help: Any = gettext_lazy(
        "Make a new key for the copies of a parish; the earlier ones stay, for what was sealed to them."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the parish."""
        parser.add_argument("tenant", help=_("slug of the parish"))
        parser.add_argument("--dry-run", action="store_true", help=_("say what it means, write nothing"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Rotate it. Raise NotFound."""
        tenant = get_tenant(options["tenant"])
        sentences = describe_rotation(tenant)
        public = None if options["dry_run"] else rotate_parish_key(tenant).recipient
        return {"dry_run": options["dry_run"], "tenant": tenant.slug, "public": public, "sentences": sentences}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the news, then what it means."""
        text = _("%(tenant)s would get a new key.") if answer["dry_run"] else _("%(tenant)s has a new key: %(public)s")
        return "\n".join([text % {"tenant": answer["tenant"], "public": answer["public"]}, *answer["sentences"]])

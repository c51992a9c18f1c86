"""Record another instance of a parish, e.g. a sandbox. Nothing is installed yet."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.instances.options import add_instance_options, select_instance_options
from domain.specs import InstanceKind
from operations.commands import DocumentCommand
from tenants.documents import instance_as_dict
from tenants.registry import create_instance, get_tenant


class Command(DocumentCommand):
    """`instance_create saint-paul --kind sandbox`: outgoing mail and cron are on in production only."""

    help: Any = gettext_lazy("Record another instance of a parish, e.g. a sandbox. Nothing is installed yet.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the parish, the kind, and what the instance is made of."""
        parser.add_argument("tenant", help=_("sub-domain of the parish"))
        parser.add_argument(
            "--kind", choices=[kind.value for kind in InstanceKind], default=InstanceKind.PRODUCTION.value
        )
        parser.add_argument("--dry-run", action="store_true", help=_("check everything, write nothing"))
        add_instance_options(parser)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Record the instance and return it."""
        tenant = get_tenant(options["tenant"])
        chosen = select_instance_options(options)
        with transaction.atomic():
            instance = create_instance(tenant, kind=InstanceKind(options["kind"]), **chosen)
            answer = instance_as_dict(instance)
            transaction.set_rollback(options["dry_run"])
        following = f"instance_provision {instance.identifier} --wait"
        return {"dry_run": options["dry_run"], "instance": answer, "next": following}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the news and the next command."""
        if answer["dry_run"]:
            return str(_("Instance %(instance)s would be recorded.") % answer["instance"])
        lines = [
            _("Instance %(instance)s is recorded; its page will answer for %(host)s.") % answer["instance"],
            _("Next: manage.py %(command)s") % {"command": answer["next"]},
        ]
        return "\n".join(lines)

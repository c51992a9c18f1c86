"""Choose another plan or release for an instance that is recorded and not made yet."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand, get_requester
from operations.selectors import get_instance
from tenants.documents import instance_as_dict
from tenants.registry import get_plan, get_release, update_new_instance


class Command(DocumentCommand):
    """`instance_update saint-paul --plan small`: one that is made already is changed by instance_resize or _upgrade."""

    help: Any = gettext_lazy("Choose another plan or release for an instance that is recorded and not made yet.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the instance and what it is to be made of."""
        parser.add_argument("instance", help=_("identifier of the instance"))
        parser.add_argument("--plan", help=_("name of a plan (plan_list)"))
        parser.add_argument("--release", help=_("name of a release (release_list)"))
        parser.add_argument("--dry-run", action="store_true", help=_("check everything, write nothing"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Change the row and return it. Raise NotFound or CiviparoisseError `instance_made`."""
        with transaction.atomic():
            instance = update_new_instance(
                get_instance(options["instance"]),
                plan=get_plan(options["plan"]) if options["plan"] else None,
                release=get_release(options["release"]) if options["release"] else None,
                requested_by=get_requester(),
            )
            answer = instance_as_dict(instance)
            transaction.set_rollback(options["dry_run"])
        following = f"instance_provision {instance.identifier} --wait"
        return {"dry_run": options["dry_run"], "instance": answer, "next": following}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the news and the next command."""
        shown = answer["instance"]
        if answer["dry_run"]:
            return str(_("%(instance)s would have the plan %(plan)s and the release %(release)s.") % shown)
        news = _("%(instance)s has the plan %(plan)s and the release %(release)s.") % shown
        return "\n".join((news, _("Next: manage.py %(command)s") % {"command": answer["next"]}))

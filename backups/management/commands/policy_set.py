"""Give an instance a backup policy of its own, or the default of its kind."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.documents import RetentionSerializer
from backups.policies import choose_policy, find_policy, get_policy
from backups.retention import preview_retention
from operations.commands import DocumentCommand, get_requester
from operations.selectors import get_instance


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("Give an instance a backup policy of its own, or with --default the one of its kind.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the instance and the policy."""
        parser.add_argument("instance", help=_("identifier of the instance"))
        choice = parser.add_mutually_exclusive_group(required=True)
        choice.add_argument("policy", nargs="?", help=_("name of a policy (policy_list)"))
        choice.add_argument("--default", action="store_true", help=_("the default policy of the instance's kind"))
        parser.add_argument(
            "--dry-run", action="store_true", help=_("say what would become of its sets, change nothing")
        )

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Choose it, and return what becomes of each set. Raise NotFound or InvalidValue."""
        instance = get_instance(options["instance"])
        policy = get_policy(options["policy"]) if options["policy"] else None
        if not options["dry_run"]:
            choose_policy(instance, policy, requested_by=get_requester())
        shown = policy or find_policy(instance)
        fates = preview_retention(instance, shown, now=timezone.now())
        told = {"instance": instance.identifier, "policy": shown.name, "sets": fates}
        return {"dry_run": options["dry_run"], **RetentionSerializer(told).data}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the policy, then a line per set."""
        lines = [f"{answer['instance']}: {answer['policy']}"]
        return "\n".join(lines + [f"{one['id']} {one['sentence']}" for one in answer["sets"]])

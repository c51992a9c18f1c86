"""Say of each set of an instance why it stays, or when it goes and why; also by a policy that is only thought of."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.documents import RetentionSerializer
from backups.policies import find_policy, get_policy
from backups.policy_rules import COUNTS
from backups.retention import make_thought_policy, preview_retention
from operations.commands import DocumentCommand
from operations.selectors import get_instance


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy(
        "Say of each set why it stays, or when it goes and why; also by a policy that is only thought of."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the instance and what is thought of."""
        parser.add_argument("instance", help=_("identifier of the instance"))
        parser.add_argument("--policy", help=_("name of another policy; without it the instance's own"))
        for name in COUNTS:
            parser.add_argument(f"--{name.replace('_', '-')}", type=int, metavar="N", help=_("only thought of"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the fate of each set. Raise NotFound or InvalidValue."""
        instance = get_instance(options["instance"])
        policy = get_policy(options["policy"]) if options["policy"] else find_policy(instance)
        counts = {name: options[name] for name in COUNTS if options[name] is not None}
        if counts:
            policy = make_thought_policy(policy, counts)
        fates = preview_retention(instance, policy, now=timezone.now())
        shown = {"instance": instance.identifier, "policy": policy.name, "sets": fates}
        return RetentionSerializer(shown).data

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per set."""
        return "\n".join(f"{one['id']} {one['sentence']}" for one in answer["sets"]) or _("No backup.")

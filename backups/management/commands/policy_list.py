"""List backup policies: how often, what they keep, and who has them."""

from typing import Any

from django.utils.translation import gettext_lazy

from backups.choices import BackupFrequency
from backups.documents import PolicySerializer
from backups.models import BackupPolicy, PolicyDefault
from backups.policy_rules import COUNTS
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("List backup policies: how often, what they keep, and who has them.")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - every command's signature
        """Return the policies, by name."""
        return {"policies": list(PolicySerializer(BackupPolicy.objects.all(), many=True).data)}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per policy."""
        return "\n".join(format_policy(policy) for policy in answer["policies"])


def format_policy(policy: dict[str, Any]) -> str:
    """Return a policy (as of PolicySerializer) in a line."""
    labels = {field.name: field.verbose_name for field in BackupPolicy._meta.concrete_fields}
    kept = ", ".join(f"{labels[name]} {policy[name]}" for name in COUNTS if policy[name])
    kinds = dict(PolicyDefault._meta.get_field("kind").flatchoices)
    users = ", ".join([*(str(kinds[kind]) for kind in policy["default_for"]), *policy["instances"]]) or "-"
    return f"{policy['name']}: {BackupFrequency(policy['frequency']).label}, {kept} ({users})"

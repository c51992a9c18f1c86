"""List the keys that copies are sealed to, and how many copies each opens."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offsite.key_usage import list_keys
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """`copy_keys`."""

    help: Any = gettext_lazy("List the keys that copies are sealed to, and how many copies each opens.")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """Return them; public halves only."""
        return {"keys": list_keys()}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per key."""
        return "\n".join(map(_format, answer["keys"])) or _("No key yet.")


def _format(key: dict[str, Any]) -> str:
    whose = _("recovery key") if key["kind"] == "recovery" else key["tenant"] or _("a parish that is gone")
    if key["seals"]:
        use = _("seals new copies")
    elif key["kind"] == "recovery" and key["proven_at"] is None:
        use = _("not proven: recovery_key_prove")
    else:
        use = _("opens only")
    return f"{key['public']} {whose} ({use}): {key['copies']}"

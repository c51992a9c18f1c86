"""Open something with the recovery key as it was printed; from then on it counts. Nothing typed is kept."""

import getpass
import sys
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offsite.key_usage import describe_rotation
from offsite.keys import prove_recovery_key
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """Asks for the private half, or reads it from standard input; never from the command line."""

    help: Any = gettext_lazy("Type the private half of the recovery key from its paper: from then on the key counts.")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """Prove it. Raise CiviparoisseError `recovery_key_wrong`."""
        typed = getpass.getpass(_("Private half: ")) if sys.stdin.isatty() else sys.stdin.read(1000)
        row = prove_recovery_key(typed, now=timezone.now())
        proven_at = row.proven_at.isoformat() if row.proven_at else None
        return {"public": row.recipient, "proven_at": proven_at, "sentences": describe_rotation(None)}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the news."""
        news = _("The recovery key %(public)s is proven: copies are sealed to it from now on.") % answer
        return "\n".join([news, *answer["sentences"]])

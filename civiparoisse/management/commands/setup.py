"""Prepare an installation, or bring it to this version: `civiparoisse setup`. Repeatable; it replaces nothing."""

from typing import Any

from django.core.management import call_command
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.places import BASE_DIR, STATE_DIR, STATE_HOME, is_checkout, list_checkout_states
from civiparoisse.serving import ensure_static_files
from operations.command_words import WordedCommand


class Command(WordedCommand):
    """See the module; the keys are made before Django reads its settings (civiparoisse/command_line.py)."""

    requires_system_checks: Any = []
    help: Any = gettext_lazy(
        "Prepare this installation, or bring it to this version: keys, private directories, database, "
        "styles of the pages."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Bring the database and the pages' files to this version."""
        call_command("migrate", interactive=False, verbosity=0)
        ensure_static_files()
        found = [] if is_checkout(BASE_DIR) else list_checkout_states(STATE_HOME)
        text = _("A checkout of this machine has its state in %(path)s; to go on with it: CIVIPAROISSE_STATE_DIR.")
        for state in found:
            if state != STATE_DIR:
                self.stdout.write(text % {"path": state})
        self.stdout.write(_("Ready. Its state is in %(path)s.") % {"path": STATE_DIR})

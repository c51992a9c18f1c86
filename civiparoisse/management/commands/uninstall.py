"""Remove the manager's units and command from this machine; its data stay: `civiparoisse uninstall`."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.machine import ACCOUNT, SETTINGS, STATE, add_options, make_files, require_root, uninstall
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """See the module."""

    requires_system_checks: Any = []
    help: Any = gettext_lazy(
        "Stop the manager and remove its units and its command from this machine. Its database, keys, instances, "
        "backups and settings stay, and it says where."
    )

    def add_own_arguments(self, parser: Any) -> None:
        """Take where it was installed, and whether only to say what would be done."""
        add_options(parser, dry_run=_("only say what would be removed"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return what was, or would be, removed, and what stays."""
        said: list[str] = []
        if options["dry_run"]:
            said = [str(file.path) for file in make_files(Path("-")) if not file.is_kept]
        else:
            require_root()
            uninstall(root=options["root"], say=said.append)
        return {"done": said, "kept": [str(STATE), str(SETTINGS)], "account": ACCOUNT, "dry_run": options["dry_run"]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line a file, then what stays and where."""
        places = {"state": STATE, "settings": SETTINGS, "account": ACCOUNT}
        kept = (
            _("Kept: %(state)s (database, keys, instances, backups), %(settings)s, the account %(account)s.") % places
        )
        return "\n".join([*answer["done"], _("Nothing was removed.") if answer["dry_run"] else kept])

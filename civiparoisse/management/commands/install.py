"""Install the manager on this machine under systemd, or bring it to this version: `civiparoisse install`."""

import sys
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.machine import STATE, add_options, check_program, install, make_files, require_root
from civiparoisse.places import list_checkout_states
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """See the module."""

    requires_system_checks: Any = []
    help: Any = gettext_lazy(
        "Install the manager on this machine: account, directories, hardened systemd units (web, worker, clock), the "
        "command civiparoisse; prepare its database and start it. Repeatable: after an upgrade of the package, again."
    )

    def add_own_arguments(self, parser: Any) -> None:
        """Take where to install, and whether only to say what would be done."""
        add_options(parser, dry_run=_("only say what would be written"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return what was, or would be, written, and the states of checkouts that were found."""
        program = Path(sys.executable).parent / "civiparoisse"
        said: list[str] = []
        if options["dry_run"]:
            said = [f"{file.mode:04o} {file.path}" for file in make_files(program)]
        else:
            require_root()
            check_program(program)
            install(program, root=options["root"], say=said.append)
        found = [str(path) for path in list_checkout_states(STATE.parent)] if options["root"] == Path("/") else []
        return {
            "program": str(program),
            "state": str(STATE),
            "done": said,
            "checkouts": found,
            "dry_run": options["dry_run"],
        }

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line a file, then what to know."""
        lines = list(answer["done"])
        text = _("A checkout of this machine has its state in %(path)s; to go on with it: CIVIPAROISSE_STATE_DIR.")
        lines += [text % {"path": path} for path in answer["checkouts"]]
        lines.append(
            _("Nothing was written.") if answer["dry_run"] else _("Installed. Next: civiparoisse createsuperuser")
        )
        return "\n".join(lines)

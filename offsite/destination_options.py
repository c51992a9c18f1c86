"""A destination's parameters as options of a command; secrets by file or standard input, never on the command line."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from offsite.destinations import GENERAL
from offsite.providers import list_names
from operations.commands import DocumentCommand

MOST_BYTES = 65536


class DestinationCommand(DocumentCommand):
    """A command that takes parameters of a destination."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Accept no abbreviated flag: `--password x` would be read as the name of a file, and be shown."""
        return super().create_parser(prog_name, subcommand, allow_abbrev=False, **kwargs)

    def add_parameters(self, parser: CommandParser) -> None:
        """Add a flag for every parameter, of whatever kind, and --dry-run."""
        for name in GENERAL:
            if name != "name":
                parser.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT")
        group = parser.add_argument_group(_("settings of its kind (docs/offsite.md)"))
        for name, is_secret in list_names().items():
            flag = f"--{name.replace('_', '-')}"
            if is_secret:
                group.add_argument(f"{flag}-file", metavar="PATH", help=_("file that holds it; - is standard input"))
            else:
                group.add_argument(flag, metavar="TEXT")
        parser.add_argument("--dry-run", action="store_true", help=_("check everything, write nothing"))

    def read_parameters(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters given, by name. Raise CiviparoisseError `file_unreadable`."""
        data = {name: options[name] for name in GENERAL if name != "name" and options.get(name) is not None}
        for name, is_secret in list_names().items():
            value = options.get(f"{name}_file" if is_secret else name)
            if value is not None:
                data[name] = read_secret_file(value) if is_secret else value
        return data


def read_secret_file(path: str) -> str:
    """Return the content of a file, "-" for standard input. Raise CiviparoisseError `file_unreadable`."""
    try:
        text = sys.stdin.read(MOST_BYTES) if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CiviparoisseError("file_unreadable", path=path, detail=_("it cannot be read as text")) from error
    return text.strip()

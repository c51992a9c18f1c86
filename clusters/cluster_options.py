"""A cluster's parameters as options of a command; secrets by file or standard input, never on the command line."""

import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from clusters.cluster_file import read_cluster_file, read_text_file
from clusters.models import Cluster
from clusters.parameters import PARAMETERS, SECRET_FIELDS
from domain.errors import InvalidValue
from operations.commands import DocumentCommand


class ClusterCommand(DocumentCommand):
    """A command that takes parameters of a cluster; a flag wins over the file."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Accept no abbreviated flag: `--kubeconfig x` would be read as the name of a file, and be shown."""
        return super().create_parser(prog_name, subcommand, allow_abbrev=False, **kwargs)

    def add_parameters(self, parser: CommandParser) -> None:
        """Add the file, a flag for every parameter that is one value, and --dry-run."""
        parser.add_argument("--file", metavar="PATH", help=_("parameters as YAML, the rare settings among them"))
        group = parser.add_argument_group(_("parameters of the cluster"))
        for name in PARAMETERS:
            flag = f"--{name.replace('_', '-')}"
            if name in SECRET_FIELDS:
                group.add_argument(f"{flag}-file", metavar="PATH", help=_("file that holds it; - is standard input"))
            elif name not in {"name", "settings"}:
                group.add_argument(flag, metavar="TEXT")
        group.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help=_("a rare setting (docs/clusters.md), a text or JSON; empty gives it its default; may be repeated"),
        )
        parser.add_argument("--dry-run", action="store_true", help=_("check everything, write nothing"))

    def read_parameters(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters given, by name: the file's, then the flags'. Raise `file_unreadable`."""
        data = read_cluster_file(options["file"]) if options.get("file") else {}
        for name in PARAMETERS:
            if name in SECRET_FIELDS:
                path = options.get(f"{name}_file")
                if path is not None:
                    data[name] = read_text_file(path)
            elif name not in {"name", "settings"} and options.get(name) is not None:
                data[name] = options[name]
        if given := options.get("set"):
            row = Cluster.objects.filter(name=options["cluster"]).first()
            rare = data.get("settings", row.settings if row else {})
            data["settings"] = merge_settings(rare if isinstance(rare, dict) else {}, given)
        return {**data, "name": options["cluster"]}


def merge_settings(present: dict[str, Any], given: list[str]) -> dict[str, Any]:
    """Return the rare settings with those given as NAME=VALUE in their place; an empty VALUE gives the default. Raise
    InvalidValue for what has no =."""
    merged = dict(present)
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InvalidValue(field="settings", reason=_("give NAME=VALUE, e.g. most_nodes=5."))
        merged.pop(name, None)
        if value:
            merged[name] = parse_setting(value)
    return merged


def parse_setting(text: str) -> Any:
    """Return a value: JSON where it is JSON, else the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text

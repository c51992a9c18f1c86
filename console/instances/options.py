"""What an instance is made of, as options of a command."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from clusters.settings import select_place
from tenants.registry import get_plan, get_release


def add_instance_options(parser: CommandParser) -> None:
    """Add --plan, --release and --engine."""
    group = parser.add_argument_group(_("the instance"))
    group.add_argument("--plan", help=_("name of a plan; without it the default one"))
    group.add_argument("--release", help=_("name of a release; without it the default one"))
    group.add_argument(
        "--engine", help=_("where it runs: local or a cluster's name; without it CIVIPAROISSE_DEFAULT_ENGINE")
    )


def select_instance_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `create_instance` that were chosen. Raise NotFound for a name that does not exist."""
    chosen: dict[str, Any] = select_place(options["engine"])
    if options["plan"]:
        chosen["plan"] = get_plan(options["plan"])
    if options["release"]:
        chosen["release"] = get_release(options["release"])
    return chosen

"""Serve one part of the manager in the foreground: `civiparoisse serve web|worker|beat|all`."""

import argparse
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.env import read_text
from civiparoisse.services import FIRST_WEB_PORT
from civiparoisse.serving import SERVICES, serve_web
from operations.command_words import WordedCommand


def parse_address(text: str) -> str:
    """Return the value of --address. Raise ArgumentTypeError unless it is HOST:PORT."""
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise argparse.ArgumentTypeError(_("give a host and a port, such as 127.0.0.1:8800."))
    return text


class Command(WordedCommand):
    """See the module."""

    # What is wrong with an installation is told by /readyz: a process that does not start tells nobody.
    requires_system_checks: Any = []
    help: Any = gettext_lazy(
        "Serve a part of the manager in the foreground until SIGTERM: web (pages and API), worker (operations), beat "
        "(the clock), or all of them on one machine."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the part, and where pages are served."""
        parser.add_argument("part", choices=("web", *SERVICES), help=_("web, worker, beat or all"))
        parser.add_argument(
            "--address",
            type=parse_address,
            default=read_text("CIVIPAROISSE_WEB_ADDRESS", f"127.0.0.1:{FIRST_WEB_PORT}"),
            help=_("where pages are served, HOST:PORT (web)"),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Serve until asked to stop."""
        if options["part"] == "web":
            serve_web(options["address"])
        else:
            SERVICES[options["part"]]()

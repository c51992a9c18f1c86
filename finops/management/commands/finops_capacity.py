"""Tell what engines have, what is reserved and used of it, and how many more parishes fit."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import NotFound
from engine.registry import list_engines
from finops.pages.capacity_view import describe_room, make_gauges, observe_places
from finops.pages.documents import CapacitySerializer
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy(
        "Tell how many more parishes of the default plan fit on each engine, and what stops the next one."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the engine."""
        parser.add_argument("--engine", help=_("only this one"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return every engine that answers. Raise NotFound for one that is not there."""
        wanted = options["engine"]
        if wanted and wanted not in list_engines():
            raise NotFound(what="engine", name=wanted)
        self.places = [place for place in observe_places(now=timezone.now()) if wanted in (None, place.engine)]
        return CapacitySerializer({"engines": self.places}).data

    def format_answer(self, _answer: dict[str, Any]) -> str:
        """Return a line a gauge and a sentence an engine."""
        gauges = [f"{gauge['name']}: {gauge['text']}" for gauge in make_gauges(self.places)]
        return "\n".join([*gauges, *describe_room(self.places)])

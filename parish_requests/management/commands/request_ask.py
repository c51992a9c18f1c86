"""Ask a parish something before deciding on its request."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parish_requests.actors import Actor
from parish_requests.commands import DecisionCommand
from parish_requests.deciding import ask_back
from parish_requests.models import RestoreRequest


class Command(DecisionCommand):
    """`request_ask K7M2-QX4P --text "Which day was the import?" --as marc`."""

    help: Any = gettext_lazy("Ask a parish something before deciding on its request.")

    def add_more_arguments(self, parser: ArgumentParser) -> None:
        """Add the question."""
        parser.add_argument("--text", required=True, help=_("the question; the parish is told by mail"))

    def decide(self, request: RestoreRequest, *, person: User, actor: Actor, options: dict[str, Any]) -> RestoreRequest:
        """Ask it."""
        return ask_back(request, options["text"], person=person, actor=actor, now=timezone.now())

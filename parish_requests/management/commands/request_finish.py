"""Answer a request of a parish that people do, and note that it is done."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parish_requests.actors import Actor
from parish_requests.commands import DecisionCommand
from parish_requests.deciding import finish_by_hand
from parish_requests.models import RestoreRequest


class Command(DecisionCommand):
    """`request_finish K7M2-QX4P --text "The form is mended: try again." --as marc`."""

    help: Any = gettext_lazy("Answer a request of a parish that people do, and note that it is done.")

    def add_more_arguments(self, parser: ArgumentParser) -> None:
        """Add the answer."""
        parser.add_argument("--text", required=True, help=_("the answer, or what was done; it goes by mail"))

    def decide(self, request: RestoreRequest, *, person: User, actor: Actor, options: dict[str, Any]) -> RestoreRequest:
        """Note it."""
        return finish_by_hand(request, options["text"], person=person, actor=actor, now=timezone.now())

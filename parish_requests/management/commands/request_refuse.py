"""Refuse a request of a parish, with a reason that the parish reads."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parish_requests.actors import Actor
from parish_requests.commands import DecisionCommand
from parish_requests.deciding import refuse_request
from parish_requests.models import RestoreRequest


class Command(DecisionCommand):
    """`request_refuse K7M2-QX4P --reason "It would take the gifts of Sunday away." --as marc`."""

    help: Any = gettext_lazy("Refuse a request of a parish, with a reason that the parish reads.")

    def add_more_arguments(self, parser: ArgumentParser) -> None:
        """Add the reason."""
        parser.add_argument("--reason", required=True, help=_("why; the parish reads it"))

    def decide(self, request: RestoreRequest, *, person: User, actor: Actor, options: dict[str, Any]) -> RestoreRequest:
        """Refuse it."""
        return refuse_request(request, options["reason"], person=person, actor=actor, now=timezone.now())

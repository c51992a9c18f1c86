"""What the commands that decide on a request share: the account in whose name it is decided, and a dry run."""

from abc import abstractmethod
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _

from operations.commands import DocumentCommand
from operations.role_groups import get_account
from parish_requests.actors import Actor, make_staff_actor
from parish_requests.choices import RequestState
from parish_requests.documents import RequestSerializer
from parish_requests.models import RestoreRequest
from parish_requests.selectors import get_request


class DecisionCommand(DocumentCommand):
    """A command by which an account of UEPAL does something with one request; subclasses write `add_more_arguments`,
    `decide` and, where needed, `describe`."""

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add which request, in whose name, and a dry run."""
        parser.add_argument("reference")
        self.add_more_arguments(parser)
        parser.add_argument(
            "--as",
            dest="account",
            metavar="ACCOUNT",
            required=True,
            help=_("the account that decides; whoever asked or entered it does not"),
        )
        parser.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))

    @abstractmethod
    def add_more_arguments(self, parser: ArgumentParser) -> None:
        """Add what is decided."""

    @abstractmethod
    def decide(self, request: RestoreRequest, *, person: User, actor: Actor, options: dict[str, Any]) -> RestoreRequest:
        """Do it and return the request. Raise CiviparoisseError for a refusal."""

    def describe(self, request: RestoreRequest, *, person: User) -> list[str]:  # noqa: ARG002 - for subclasses
        """Return what would happen, as sentences."""
        return []

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the request as it is then; in a dry run as it would be."""
        request, person = get_request(options["reference"]), get_account(options["account"])
        told = self.describe(request, person=person) if options["dry_run"] else []
        with transaction.atomic():
            request = self.decide(request, person=person, actor=make_staff_actor(person.username), options=options)
            document = dict(RequestSerializer(request).data)
            if options["dry_run"]:
                transaction.set_rollback(True)
        return {"request": document, "outcome": told, "dry_run": options["dry_run"]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what became of the request."""
        request = answer["request"]
        named = {"reference": request["reference"], "state": RequestState(request["state"]).label}
        if answer["dry_run"]:
            last = _("The request %(reference)s would be: %(state)s. Nothing was changed.") % named
            return "\n".join([*answer["outcome"], last])
        lines = [_("The request %(reference)s is: %(state)s.") % named]
        if request["state"] == RequestState.SUBMITTED and request["approvals"]:
            lines.append(_("Another person of UEPAL must approve it too."))
        return "\n".join(lines)


def parse_begin(text: str) -> datetime:
    """Return a time as people type it, e.g. 2026-11-30T22:00, in the zone of the service where none is given. Raise
    ArgumentTypeError."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise ArgumentTypeError(_("give a time like 2026-11-30T22:00."))
    return make_aware(moment) if is_naive(moment) else moment

"""Approve a request of a parish as it was shown."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import CiviparoisseError
from parish_requests.actors import Actor
from parish_requests.commands import DecisionCommand, parse_begin
from parish_requests.deciding import approve_request
from parish_requests.models import RestoreRequest
from parish_requests.outcomes import describe_outcome
from parish_requests.preview_documents import digest_preview

# So many signs of what names a preview are shown, and are enough.
LEAST_SEEN = 12


class Command(DecisionCommand):
    """`request_approve K7M2-QX4P --seen 3f9a01b2c4d5 --as marc`."""

    help: Any = gettext_lazy("Approve a request of a parish as it was shown.")

    def add_more_arguments(self, parser: ArgumentParser) -> None:
        """Add what was seen, and when it shall begin."""
        parser.add_argument("--seen", required=True, help=_("what request_show gave: names what it would change"))
        parser.add_argument("--at", type=parse_begin, help=_("begin then, and not at once, e.g. 2026-11-30T22:00"))

    def decide(self, request: RestoreRequest, *, person: User, actor: Actor, options: dict[str, Any]) -> RestoreRequest:
        """Approve it."""
        digest, seen = digest_preview(request.preview), options["seen"].strip().lower()
        if len(seen) < LEAST_SEEN or not digest.startswith(seen):
            raise CiviparoisseError("request_preview_changed", request=request.reference)
        return approve_request(
            request,
            person=person,
            actor=actor,
            seen_preview_sha256=digest,
            not_before=options["at"],
            now=timezone.now(),
        )

    def describe(self, request: RestoreRequest, *, person: User) -> list[str]:  # noqa: ARG002 - the same for all
        """Return what would happen."""
        return describe_outcome(request)

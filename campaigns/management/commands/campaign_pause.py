"""Pause a campaign: nothing more begins, what runs goes on to its end."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.commands import SteeringCommand
from campaigns.models import Campaign
from campaigns.steering import pause_campaign


class Command(SteeringCommand):
    """`campaign_pause ca-3f9a1c07be --reason "the mail server is down"`."""

    help: Any = gettext_lazy("Pause a campaign: nothing more begins, what runs goes on to its end.")

    def add_more_arguments(self, parser: CommandParser) -> None:
        """Add why."""
        parser.add_argument("--reason", default="", help=_("why, for those who look at it"))

    def steer(self, campaign: Campaign, *, by: str, person: User | None, options: dict[str, Any]) -> Campaign:
        """Pause it."""
        return pause_campaign(campaign, by=by, person=person, now=timezone.now(), reason=options["reason"])

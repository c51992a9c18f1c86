"""Cancel a campaign: nothing more begins, what runs goes on to its end."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy

from campaigns.commands import SteeringCommand
from campaigns.models import Campaign
from campaigns.steering import cancel_campaign


class Command(SteeringCommand):
    """`campaign_cancel ca-3f9a1c07be`."""

    help: Any = gettext_lazy("Cancel a campaign: nothing more begins, what runs goes on to its end.")

    def steer(self, campaign: Campaign, *, by: str, person: User | None, options: dict[str, Any]) -> Campaign:  # noqa: ARG002 - the same for all
        """Do it."""
        return cancel_campaign(campaign, by=by, person=person, now=timezone.now())

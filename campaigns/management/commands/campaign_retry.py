"""Let what has failed in a campaign have another turn."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy

from campaigns.commands import SteeringCommand
from campaigns.models import Campaign
from campaigns.steering import retry_failed


class Command(SteeringCommand):
    """`campaign_retry ca-3f9a1c07be`."""

    help: Any = gettext_lazy("Let what has failed in a campaign have another turn.")

    def steer(self, campaign: Campaign, *, by: str, person: User | None, options: dict[str, Any]) -> Campaign:  # noqa: ARG002 - the same for all
        """Do it."""
        return retry_failed(campaign, by=by, person=person, now=timezone.now())

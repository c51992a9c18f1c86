"""Go on with a paused campaign: what has failed until now counts no more."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy

from campaigns.commands import SteeringCommand
from campaigns.models import Campaign
from campaigns.steering import resume_campaign


class Command(SteeringCommand):
    """`campaign_resume ca-3f9a1c07be`."""

    help: Any = gettext_lazy("Go on with a paused campaign: what has failed until now counts no more.")

    def steer(self, campaign: Campaign, *, by: str, person: User | None, options: dict[str, Any]) -> Campaign:  # noqa: ARG002 - the same for all
        """Do it."""
        return resume_campaign(campaign, by=by, person=person, now=timezone.now())

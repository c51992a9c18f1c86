"""What the commands about campaigns share."""

from abc import abstractmethod
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from campaigns.choices import CampaignState, PauseReason
from campaigns.documents import CampaignSerializer
from campaigns.models import Campaign
from campaigns.selectors import get_campaign
from domain.words import word
from operations.commands import DocumentCommand, add_asker, find_asker


class SteeringCommand(DocumentCommand):
    """A command that does one thing with one campaign; subclasses write `steer`."""

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add which campaign, and in whose name."""
        parser.add_argument("campaign", help=_("identifier of the campaign, e.g. ca-3f9a1c07be"))
        add_asker(parser)
        self.add_more_arguments(parser)

    def add_more_arguments(self, parser: CommandParser) -> None:
        """Add what this one takes beyond that."""

    @abstractmethod
    def steer(self, campaign: Campaign, *, by: str, person: User | None, options: dict[str, Any]) -> Campaign:
        """Do it and return the campaign as it is then. Raise CiviparoisseError for a refusal."""

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Do it, and return the campaign."""
        person, requester = find_asker(options)
        campaign = self.steer(get_campaign(options["campaign"]), by=requester, person=person, options=options)
        return dict(CampaignSerializer(campaign).data)

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return how the campaign stands."""
        return format_campaign(answer)


def format_campaign(answer: dict[str, Any]) -> str:
    """Return a campaign (as of CampaignSerializer) in a line."""
    state = str(CampaignState(answer["state"]).label)
    if answer["why_paused"]:
        state = f"{state} ({answer['pause_note'] or PauseReason(answer['why_paused']).label})"
    return f"{answer['id']} {word('kind', answer['kind'])} “{answer['name']}”{_(':')} {state}"

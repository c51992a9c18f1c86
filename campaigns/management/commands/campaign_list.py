"""List campaigns, the newest first."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.commands import format_campaign
from campaigns.documents import CampaignSerializer
from campaigns.drafts import list_campaign_kinds
from campaigns.selectors import list_campaigns
from domain.campaigns import CampaignState
from operations.commands import DocumentCommand, parse_limit


class Command(DocumentCommand):
    """`campaign_list --state running`."""

    help: Any = gettext_lazy("List campaigns, the newest first.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what narrows the list."""
        parser.add_argument("--state", choices=[state.value for state in CampaignState], help=_("only in this state"))
        parser.add_argument("--kind", choices=[kind.code for kind in list_campaign_kinds()])
        parser.add_argument("--limit", type=parse_limit, default=50, help=_("how many at most"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the campaigns."""
        rows = list_campaigns(state=options["state"], kind=options["kind"])[: options["limit"]]
        return {"campaigns": list(CampaignSerializer(rows, many=True).data)}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per campaign."""
        return "\n".join(map(format_campaign, answer["campaigns"])) or _("No campaign.")

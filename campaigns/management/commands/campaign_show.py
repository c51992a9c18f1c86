"""Show a campaign: how it stands, what has failed, and each of its instances; or its report as CSV."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.choices import MemberState as StateWords
from campaigns.commands import format_campaign
from campaigns.documents import CampaignSerializer, MemberSerializer, StandingSerializer, list_event_documents
from campaigns.finishing import list_report_lines
from campaigns.reporting import CampaignReport, describe_campaign, write_csv
from campaigns.selectors import get_campaign, list_members
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """`campaign_show ca-3f9a1c07be`; `campaign_show ca-3f9a1c07be --csv > report.csv`."""

    help: Any = gettext_lazy("Show a campaign: how it stands, what has failed, each of its instances.")
    report: CampaignReport

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add which campaign, and as what."""
        parser.add_argument("campaign", help=_("identifier of the campaign, e.g. ca-3f9a1c07be"))
        parser.add_argument("--csv", action="store_true", dest="as_csv", help=_("the report as CSV"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the campaign with its members and its events."""
        campaign = get_campaign(options["campaign"])
        self.report = describe_campaign(campaign, now=timezone.now())
        answer = {
            **CampaignSerializer(campaign).data,
            "standing": StandingSerializer(self.report).data,
            "members": list(MemberSerializer(list_members(campaign), many=True).data),
            "events": list_event_documents(campaign),
        }
        return {**answer, "csv": write_csv(campaign)} if options["as_csv"] else answer

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return its report, then a line per wave and instance; or the CSV alone."""
        if "csv" in answer:
            return str(answer["csv"])
        lines = [format_campaign(answer), *list_report_lines(self.report)[1:]]
        for wave in self.report.waves:
            lines.append(_("Wave %(number)s") % {"number": wave.number})
            for cell in wave.cells:
                said = f" – {cell.message}" if cell.message else ""
                lines.append(f"  {cell.identifier} – {StateWords(cell.state.value).label}{said}")
        return "\n".join(lines)

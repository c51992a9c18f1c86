"""Create a campaign: one kind of operation over many instances; nothing begins before it is started."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.choices import LeftOut
from campaigns.command_options import add_draft_options, read_draft_options
from campaigns.commands import format_campaign
from campaigns.creating import ADD, create_campaign
from campaigns.documents import CampaignSerializer, make_plan_document
from campaigns.drafts import read_draft
from campaigns.planning import CampaignPlan, plan_campaign
from campaigns.steering import start_campaign
from operations.commands import DocumentCommand, add_asker, find_asker
from operations.permissions import list_kind_permissions


class Command(DocumentCommand):
    """`campaign_create --name November --kind upgrade --set release=2026-11 --select kinds=production --dry-run`."""

    help: Any = gettext_lazy("Create a campaign: one kind of operation over many instances.")
    plan: CampaignPlan

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what the campaign says, and whether it is only looked at, or started at once."""
        add_draft_options(parser)
        begins = parser.add_mutually_exclusive_group()
        begins.add_argument("--dry-run", action="store_true", help=_("say what would be done, write nothing"))
        begins.add_argument("--start", action="store_true", help=_("start it at once"))
        add_asker(parser)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the plan of a dry run, else the campaign."""
        person, requester = find_asker(options, ADD, *list_kind_permissions(options["kind"]))
        draft, now = read_draft(read_draft_options(options)), timezone.now()
        if options["dry_run"]:
            self.plan = plan_campaign(draft, now=now)
            self.exit_code = 1 if self.plan.obstacles or not self.plan.members else 0
            return {"dry_run": True, **make_plan_document(self.plan)}
        campaign = create_campaign(draft, by=requester, person=person, now=now)
        if options["start"]:
            campaign = start_campaign(campaign, by=requester, person=person, now=timezone.now())
        return dict(CampaignSerializer(campaign).data)

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the plan of a dry run, or how the campaign stands."""
        return "\n".join(_list_plan_lines(self.plan)) if answer.get("dry_run") else format_campaign(answer)


def _list_plan_lines(plan: CampaignPlan) -> Iterator[str]:
    for obstacle in plan.obstacles:
        yield f"{obstacle.message} {obstacle.hint}".strip()
    count = len(plan.members)
    yield ngettext("%(count)s instance takes part", "%(count)s instances take part", count) % {"count": count}
    for number, size in enumerate(plan.wave_sizes, 1):
        yield _("Wave %(number)s") % {"number": number} + f" ({size})"
        for member in plan.members:
            if member.wave == number - 1:
                yield f"  {member.identifier}"
    for left in plan.left_out:
        yield _("left out: %(instance)s, since %(why)s") % {
            "instance": left.identifier,
            "why": LeftOut(left.why.value).label,
        }
    if plan.ends_at is not None:
        moment = date_format(localtime(plan.ends_at), "SHORT_DATETIME_FORMAT")
        yield _("It would end at about %(moment)s.") % {"moment": moment}
    else:
        yield _("When it would end is not known: such operations were never measured.")
    if plan.monthly_cost_change is not None:
        change = {"amount": f"{plan.monthly_cost_change:+f}", "currency": plan.currency}
        yield _("It changes what is paid by the month by %(amount)s %(currency)s.") % change
    yield _("Nothing was written.")

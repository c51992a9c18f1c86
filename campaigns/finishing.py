"""The end of a campaign: its instances are free for others, and whoever is told of problems gets the report."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from campaigns.checks import STOPPED
from campaigns.choices import MemberState as StateWords
from campaigns.models import Campaign
from campaigns.moves import move_campaign, record_event
from campaigns.reporting import CampaignReport, Cell, describe_campaign
from domain.campaigns import CampaignMove, MemberState
from domain.words import word
from operations.closing import format_time
from watch.models import MessageKind
from watch.notices.writing import write_to_all

REPORTED = "reported"
# A mail is read on a telephone; the page and the CSV have all of them.
NAMED_FAILURES = 20


def finish_campaign(campaign: Campaign, move: CampaignMove, *, now: datetime) -> None:
    """End `campaign`, held by its lock, by `move`. The report is written in the same transaction, so that it is told
    once."""
    move_campaign(campaign, move, by="", now=now, changes={"why_paused": "", "pause_note": "", "paused_at": None})
    campaign.members.filter(lock__isnull=False).update(lock=None)
    with override(settings.LANGUAGE_CODE):
        report = describe_campaign(campaign, now=now)
        page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
        link = f"{settings.PUBLIC_URL}{page}" if settings.PUBLIC_URL else None
        told = write_to_all(
            kind=MessageKind.CAMPAIGN,
            check=STOPPED,
            tenant="",
            subject=_("The campaign %(name)s has ended: %(state)s")
            % {"name": campaign.name, "state": campaign.get_state_display()},
            body="\n".join([*list_report_lines(report), *([link] if link else [])]),
            document={"campaign": make_notice_document(report, link=link)},
            now=now,
        )
    record_event(campaign, REPORTED, by="", now=now, data={"count": told})


def list_report_lines(report: CampaignReport) -> list[str]:
    """Return the report as lines for people, in the active language."""
    campaign = report.campaign
    lines = [f"{word('kind', campaign.kind)} – {campaign.name}", ""]
    lines += [f"- {label}{_(':')} {report.counts[MemberState(code)]}" for code, label in StateWords.choices]
    if report.seconds_total is not None:
        lines.append(_("It took %(time)s.") % {"time": format_time(round(report.seconds_total))})
    if report.seconds_median is not None:
        lines.append(_("Half of them took %(time)s at most.") % {"time": format_time(round(report.seconds_median))})
    if report.closed_seconds_most is not None:
        lines.append(
            _("No site was closed for more than %(time)s.") % {"time": format_time(report.closed_seconds_most)}
        )
    return [*lines, *_list_failure_lines(report.failures), ""]


def _list_failure_lines(failures: tuple[Cell, ...]) -> list[str]:
    if not failures:
        return []
    title = ngettext("%(count)s failure:", "%(count)s failures:", len(failures)) % {"count": len(failures)}
    lines = ["", title]
    for cell in failures[:NAMED_FAILURES]:
        said = " ".join(part for part in (cell.message, cell.hint) if part)
        lines.append(f"- {cell.identifier}{_(':')} {said}")
    left = len(failures) - NAMED_FAILURES
    if left > 0:
        lines.append(ngettext("- and %(count)s more", "- and %(count)s more", left) % {"count": left})
    return lines


def make_notice_document(report: CampaignReport, *, link: str | None) -> dict[str, Any]:
    """Return what programs are told of the end of a campaign."""
    campaign = report.campaign
    return {
        "id": campaign.public_id,
        "name": campaign.name,
        "kind": campaign.kind,
        "state": campaign.state,
        "counts": {state.value: count for state, count in report.counts.items()},
        "failed": [cell.identifier for cell in report.failures],
        "seconds": report.seconds_total,
        "closed_seconds": report.closed_seconds,
        "link": link,
    }

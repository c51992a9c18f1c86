"""What lists and pages show of a campaign: states as badges, how far it is as a bar and in words."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.choices import MemberState as MemberWords
from campaigns.models import Campaign
from civiparoisse.presentation import BAD, BUSY, DOUBTFUL, GOOD, QUIET
from console.instances.columns import make_badge
from domain.campaigns import CampaignState, MemberState
from domain.errors import CiviparoisseError
from operations.registry import get_kind

STATE_COLOURS = {
    CampaignState.PLANNED.value: QUIET,
    CampaignState.RUNNING.value: BUSY,
    CampaignState.PAUSED.value: DOUBTFUL,
    CampaignState.CANCELLING.value: DOUBTFUL,
    CampaignState.DONE.value: GOOD,
    CampaignState.CANCELLED.value: QUIET,
}
MEMBER_COLOURS = {
    MemberState.WAITING: QUIET,
    MemberState.RUNNING: BUSY,
    MemberState.DONE: GOOD,
    MemberState.FAILED: BAD,
    MemberState.LEFT_OUT: DOUBTFUL,
    MemberState.CANCELLED: QUIET,
}
# What a cell says without its colour.
SIGNS = {
    MemberState.WAITING: "·",
    MemberState.RUNNING: "▶",
    MemberState.DONE: "✓",
    MemberState.FAILED: "✗",
    MemberState.LEFT_OUT: "–",
    MemberState.CANCELLED: "○",
}
# Those that get a turn: what is left out is no part of the whole.
COUNTED = (
    MemberState.WAITING,
    MemberState.RUNNING,
    MemberState.DONE,
    MemberState.FAILED,
    MemberState.CANCELLED,
)
# What lists never read: long, and nobody's business there.
UNREAD = ("selection", "parameters", "windows", "blackout", "notes", "pause_note")


def make_campaign_badge(campaign: Campaign) -> SafeString:
    """Return the state of a campaign as a badge."""
    return make_badge(campaign.get_state_display(), STATE_COLOURS[campaign.state])


def make_member_badge(state: str) -> SafeString:
    """Return the state of a member as a badge."""
    return make_badge(MemberWords(state).label, MEMBER_COLOURS[MemberState(state)])


def word_kind(code: str) -> str:
    """Return what a kind of operation is called; its code where this manager has it no longer."""
    try:
        return str(get_kind(code).label)
    except CiviparoisseError:
        return code


def count_members(rows: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Return `rows`, each with how many of its members are in each state, as `in_<state>`, in the same query."""
    counts = {f"in_{state.value}": Count("members", filter=Q(members__state=state.value)) for state in MemberState}
    return rows.annotate(**counts)


def read_counts(campaign: Any) -> dict[MemberState, int]:
    """Return how many members are in each state, of a row of `count_members`."""
    return {state: getattr(campaign, f"in_{state.value}") for state in MemberState}


def make_share(counts: Mapping[MemberState, int]) -> dict[str, Any]:
    """Return how far a campaign is: the widths of a bar in percent, and the same in words."""
    total = sum(counts[state] for state in COUNTED)
    parts = {
        "done": counts[MemberState.DONE],
        "failed": counts[MemberState.FAILED],
        "busy": counts[MemberState.RUNNING],
    }
    words = [_("%(done)s of %(total)s done") % {"done": parts["done"], "total": total}]
    if parts["failed"]:
        words.append(
            ngettext("%(number)s failed", "%(number)s have failed", parts["failed"]) % {"number": parts["failed"]}
        )
    if parts["busy"]:
        words.append(_("%(number)s at work") % {"number": parts["busy"]})
    widths = {name: round(100 * part / total) if total else 0 for name, part in parts.items()}
    return {**widths, "text": ", ".join(words)}


def show_share(counts: Mapping[MemberState, int]) -> SafeString:
    """Return how far a campaign is, as a bar with its words."""
    return render_to_string("campaigns/share.html", {"share": make_share(counts)})

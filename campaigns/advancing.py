"""The pass of the clock over campaigns: every minute, and when an operation of one has ended.

A pass first notes, under the campaign's lock, what has ended, and pauses or ends the campaign by its rules; then it
asks for what may begin, one ordinary operation at a time (asking.py). The rows say how far a campaign is, so that any
pass goes on where another one was killed, and two passes at once do no harm.
"""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from campaigns.asking import ask_for_member
from campaigns.finishing import finish_campaign
from campaigns.following import count_waves, follow_members
from campaigns.models import Campaign, CampaignMember
from campaigns.moves import hold_campaign, move_campaign, record_event
from campaigns.scheduling import Candidate, choose_next, find_current_wave, find_stop, has_ended
from campaigns.windows import read_calendar_of
from domain.campaigns import CAMPAIGN_FOLLOWED, CampaignMove, CampaignState, MemberState
from domain.errors import CiviparoisseError
from operations.declarations import KindDefinition
from operations.models import Operation
from operations.registry import get_kind
from operations.subjects import make_lock

log = logging.getLogger("campaigns")

# Somebody was faster, or is at that instance: the member keeps its turn.
WAITED_FOR = frozenset({"instance_busy", "campaign_state_forbids", "campaign_full"})
# Nothing more of the campaign begins in this pass.
ENDS_PASS = frozenset({"campaign_state_forbids"})
REFUSED = "refused"


def advance_campaigns(*, now: datetime) -> None:
    """Bring every campaign a step further: note what has ended, apply its stop rule, ask for what comes next. What goes
    wrong with one keeps no other from its turn."""
    followed = Campaign.objects.filter(state__in=[state.value for state in CAMPAIGN_FOLLOWED])
    for public_id in list(followed.order_by("pk").values_list("public_id", flat=True)):
        try:
            advance_campaign(public_id, now=now)
        except CiviparoisseError as error:
            log.warning("campaign %s waits: %s", public_id, error.code)


def advance_campaign(public_id: str, *, now: datetime) -> None:
    """Bring one campaign a step further. Raise NotFound, or CiviparoisseError `campaign_state_forbids` where it does
    not stand where it can."""
    with hold_campaign(public_id) as campaign:
        wave = _settle(campaign, now=now)
    if wave is not None:
        _ask_for_next(campaign, wave, now=now)


def _settle(campaign: Campaign, *, now: datetime) -> int | None:
    """Note what has ended, then pause or end the campaign where that is its turn. Return the wave whose members may
    begin, None where none may."""
    follow_members(campaign, now=now)
    counts = count_waves(campaign)
    if has_ended(counts):
        move = CampaignMove.CLOSE if campaign.state == CampaignState.CANCELLING else CampaignMove.FINISH
        if campaign.state in (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.CANCELLING):
            finish_campaign(campaign, move, now=now)
        return None
    if campaign.state != CampaignState.RUNNING:
        return None
    why = find_stop(
        counts, stop_after_failures=campaign.stop_after_failures, stop_share_percent=campaign.stop_share_percent
    )
    if why is not None:
        told = {"reason": why.value, "failed": sum(count.failed for count in counts.values())}
        changes = {"why_paused": why.value, "pause_note": "", "paused_at": now}
        move_campaign(campaign, CampaignMove.STOP, by="", now=now, changes=changes, data=told)
        return None
    return find_current_wave(counts)


def _ask_for_next(campaign: Campaign, wave: int, *, now: datetime) -> None:
    """Ask for the operations that may begin now. Outside of the campaign's lock: asking may take seconds."""
    calendar, began = read_calendar_of(campaign), time.monotonic()
    if not calendar.is_open(now):
        return
    unreachable: set[str] = set()
    for member in _choose(campaign, wave):
        engine = member.instance.engine if member.instance is not None else ""
        # The window may have closed while others were asked for.
        if engine in unreachable or not calendar.is_open(now + timedelta(seconds=time.monotonic() - began)):
            continue
        try:
            ask_for_member(campaign, member)
        except CiviparoisseError as error:
            if error.code in ENDS_PASS:
                return
            if error.retryable:
                # Its engine does not answer: each further question would wait as long.
                unreachable.add(engine)
            _note_refusal(campaign, member, error, now=now)


def _choose(campaign: Campaign, wave: int) -> Iterator[CampaignMember]:
    """Give the members that may begin now, in their order; as many queries for ten members as for thousands."""
    members = campaign.members.select_related("instance").defer("instance__secrets").order_by("position")
    at_work = members.filter(state=MemberState.RUNNING.value).values_list("instance__engine", flat=True)
    running = [engine or "" for engine in at_work.order_by()]
    waiting = {member.pk: member for member in members.filter(state=MemberState.WAITING.value, wave=wave)}
    kind = get_kind(campaign.kind)
    locks = {pk: _make_lock(kind, member) for pk, member in waiting.items()}
    busy = {lock for lock in Operation.objects.filter(lock__isnull=False).values_list("lock", flat=True) if lock}
    candidates = [
        Candidate(key=pk, cluster=member.instance.engine if member.instance else "", lock=locks[pk])
        for pk, member in waiting.items()
    ]
    chosen = choose_next(candidates, running=running, limit_per_cluster=campaign.limit_per_cluster, busy=busy)
    return (waiting[candidate.key] for candidate in chosen)


def _make_lock(kind: KindDefinition, member: CampaignMember) -> str:
    return member.subject if member.instance is None else make_lock(kind, member.instance)


def _note_refusal(campaign: Campaign, member: CampaignMember, error: CiviparoisseError, *, now: datetime) -> None:
    """Note why a member did not begin: what passes lets it wait, what does not is its end. No attempt is lost by it."""
    with hold_campaign(campaign.public_id):
        rows = campaign.members.filter(pk=member.pk, attempt=member.attempt, state=MemberState.WAITING.value)
        if error.retryable or error.code in WAITED_FOR:
            rows.exclude(waits_for=error.code).update(waits_for=error.code)
            return
        failed = {"state": MemberState.FAILED.value, "ended_at": now, "waits_for": ""}
        if rows.update(**failed, error_code=error.code, error_params=error.params):
            told = {"instance": member.subject, "code": error.code}
            record_event(campaign, REFUSED, by="", now=now, data=told)

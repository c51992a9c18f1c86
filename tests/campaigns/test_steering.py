"""What people do with a campaign, what it forbids, and who may."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from campaigns.models import Campaign, CampaignMember
from campaigns.steering import (
    cancel_campaign,
    pause_campaign,
    resume_campaign,
    retry_failed,
    start_campaign,
    write_notes,
)
from domain.campaigns import CAMPAIGN_MOVES, CampaignMove
from domain.errors import CiviparoisseError, InvalidValue
from operations.permissions import PermissionMissing
from tests.campaigns.cast import NOON, list_events, make_campaign, make_fleet

pytestmark = pytest.mark.django_db

STEPS: dict[CampaignMove, Callable[..., Campaign]] = {
    CampaignMove.START: start_campaign,
    CampaignMove.PAUSE: pause_campaign,
    CampaignMove.RESUME: resume_campaign,
    CampaignMove.CANCEL: cancel_campaign,
    CampaignMove.RETRY: retry_failed,
}
RINGING = set(STEPS) - {CampaignMove.PAUSE}
STATES = ["planned", "running", "paused", "cancelling", "done", "cancelled"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("move", list(STEPS))
def test_whatever_lets_something_begin_or_end_rings_for_the_clock_s_task(move: CampaignMove, messages: Path) -> None:
    make_fleet(2)
    campaign = make_campaign(now=NOON)
    campaign.members.filter(position=0).update(state="failed")
    Campaign.objects.update(state=min(CAMPAIGN_MOVES[move][0]).value)
    STEPS[move](campaign, by="anne", now=NOON)
    rung = [message.read_text() for message in messages.glob("*.msg")]
    assert ["campaigns.advance" in text for text in rung] == ([True] if move in RINGING else [])


@pytest.mark.parametrize("move", list(STEPS))
@pytest.mark.parametrize("state", STATES)
def test_each_step_is_possible_where_the_table_says_and_changes_nothing_elsewhere(
    move: CampaignMove, state: str
) -> None:
    make_fleet(2)
    campaign = make_campaign()
    Campaign.objects.filter(pk=campaign.pk).update(state=state)
    campaign.members.filter(subject="p-000").update(state="failed", error_code="engine_unavailable")
    before = list(campaign.members.order_by("pk").values())
    allowed, after = CAMPAIGN_MOVES[move]
    if state in allowed:
        moved = STEPS[move](campaign, by="anne", now=NOON)
        assert moved.state == after and list_events(campaign) == ["created", move.value]
        return
    with pytest.raises(CiviparoisseError) as refused:
        STEPS[move](campaign, by="anne", now=NOON)
    assert refused.value.code == "campaign_state_forbids" and refused.value.params["campaign_state"] == state
    campaign.refresh_from_db()
    assert campaign.state == state and list_events(campaign) == ["created"]
    assert list(campaign.members.order_by("pk").values()) == before


def test_who_is_cancelled_before_its_turn_is_free_at_once() -> None:
    make_fleet(2)
    campaign = cancel_campaign(make_campaign(), by="anne", now=NOON)
    assert set(campaign.members.values_list("state", "lock")) == {("cancelled", None)}
    assert make_campaign(kind="suspend").members.filter(state="waiting").count() == 2


def test_a_retry_takes_the_failed_ones_again_or_says_who_has_them() -> None:
    make_fleet(2)
    first = make_campaign()
    first.members.update(state="failed", lock=None)
    Campaign.objects.filter(pk=first.pk).update(state="done", ended_at=NOON)
    second = make_campaign(selection={"slugs": ["p-001"]})
    with pytest.raises(CiviparoisseError) as refused:
        retry_failed(first, by="anne", now=NOON)
    assert refused.value.params == {"instance": "p-001", "campaign": second.public_id}
    assert set(first.members.values_list("state", "attempt")) == {("failed", 1)}
    cancel_campaign(second, by="anne", now=NOON)
    again = retry_failed(first, by="anne", now=NOON)
    assert (again.state, again.ended_at) == ("running", None)
    assert set(CampaignMember.objects.filter(campaign=first).values_list("state", "attempt", "lock")) == {
        ("waiting", 2, "p-000"),
        ("waiting", 2, "p-001"),
    }


def test_without_failures_there_is_nothing_to_retry() -> None:
    make_fleet(1)
    campaign = start_campaign(make_campaign(), by="anne", now=NOON)
    with pytest.raises(CiviparoisseError) as refused:
        retry_failed(campaign, by="anne", now=NOON)
    assert refused.value.code == "campaign_nothing_to_retry"


def test_notes_are_replaced_in_any_state_and_not_too_long() -> None:
    make_fleet(1)
    campaign = cancel_campaign(make_campaign(), by="anne", now=NOON)
    assert write_notes(campaign, " two were away ", by="anne", now=NOON).notes == "two were away"
    assert list_events(campaign)[-1] == "noted"
    for text in ("x" * 4001, "a\x00b"):
        with pytest.raises(InvalidValue):
            write_notes(campaign, text, by="anne", now=NOON)
    with pytest.raises(InvalidValue):
        pause_campaign(campaign, by="anne", now=NOON, reason="x" * 501)


@pytest.mark.parametrize("step", [*STEPS.values(), write_notes])
def test_whoever_may_not_change_campaigns_steers_none(step: Any) -> None:
    make_fleet(1)
    campaign = make_campaign()
    person = User.objects.create_user("anne")
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_campaign", "add_operation"]))
    given: dict[str, Any] = {"notes": "x"} if step is write_notes else {}
    with pytest.raises(PermissionMissing):
        step(campaign, by="anne", now=NOON, person=User.objects.get(pk=person.pk), **given)
    campaign.refresh_from_db()
    assert campaign.state == "planned"


def test_what_asks_for_operations_takes_their_permission_too_what_stops_does_not() -> None:
    make_fleet(1)
    campaign = make_campaign()
    person = User.objects.create_user("anne")
    person.user_permissions.set(Permission.objects.filter(codename="change_campaign"))
    person = User.objects.get(pk=person.pk)
    with pytest.raises(PermissionMissing):
        start_campaign(campaign, by="anne", now=NOON, person=person)
    assert cancel_campaign(campaign, by="anne", now=NOON, person=person).state == "cancelling"

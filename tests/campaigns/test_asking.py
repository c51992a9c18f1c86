"""One member, one operation: its key cannot be made up, and it is tied in the transaction that writes it."""

from pathlib import Path

import pytest

from campaigns.asking import ask_for_member, make_key
from campaigns.models import Campaign
from domain.errors import CiviparoisseError
from operations.models import Operation
from operations.requests import request_operation
from tests.campaigns.cast import list_running, make_fleet, make_started
from tests.engines import FakeEngine
from tests.operations.conftest import Finish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


def test_asked_twice_there_is_one_operation() -> None:
    make_fleet(1)
    campaign = make_started()
    member = campaign.members.get()
    operation = ask_for_member(campaign, member)
    assert ask_for_member(campaign, member) == operation and Operation.objects.count() == 1
    member.refresh_from_db()
    assert (member.state, member.operation) == ("running", operation) and member.began_at == operation.created_at


def test_a_campaign_that_stands_still_gets_no_operation() -> None:
    make_fleet(1)
    campaign = make_started()
    Campaign.objects.filter(pk=campaign.pk).update(state="paused")
    with pytest.raises(CiviparoisseError) as refused:
        ask_for_member(campaign, campaign.members.get())
    assert refused.value.code == "campaign_state_forbids" and not Operation.objects.exists()


def test_one_more_than_may_be_at_once_gets_no_operation() -> None:
    make_fleet(2)
    campaign = make_started(limit_per_cluster=1)
    first, second = campaign.members.order_by("position")
    ask_for_member(campaign, first)
    with pytest.raises(CiviparoisseError) as refused:
        ask_for_member(campaign, second)
    assert refused.value.code == "campaign_full" and Operation.objects.count() == 1


def test_a_member_that_had_its_turn_has_no_second_one_under_its_old_attempt() -> None:
    make_fleet(1)
    campaign = make_started()
    member = campaign.members.get()
    campaign.members.update(attempt=2)
    with pytest.raises(CiviparoisseError):
        ask_for_member(campaign, member)
    assert not Operation.objects.exists() and list_running(campaign) == []


def test_a_key_that_somebody_made_up_ties_nothing() -> None:
    """Keys of others come in by the API."""
    (instance,) = make_fleet(1)
    campaign = make_started()
    key = make_key(campaign, campaign.members.get())
    for made_up in (key.rpartition(":")[0], key[:-1] + ("0" if key[-1] != "0" else "1"), "campaign:", "campaign"):
        operation = request_operation(kind="backup", instance=instance, requested_by="anne", idempotency_key=made_up)
        assert list_running(campaign) == []
        Operation.objects.filter(pk=operation.pk).update(lock=None, state="succeeded")


@pytest.mark.django_db(transaction=True)
def test_its_end_rings_for_the_next_one(engine: FakeEngine, finish: Finish, messages: Path) -> None:
    from domain.specs import ALL_COMPONENTS

    (instance,) = make_fleet(1)
    engine.set_up(instance.identifier, running=ALL_COMPONENTS)
    campaign = make_started()
    operation = ask_for_member(campaign, campaign.members.get())
    for message in messages.glob("*.msg"):
        message.unlink()
    finish(operation)
    assert any("campaigns.advance" in message.read_text() for message in messages.glob("*.msg"))

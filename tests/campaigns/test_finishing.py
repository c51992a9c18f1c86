"""The end: told once, to those who are told of problems, with every failure and what to do."""

import pytest

from campaigns.advancing import advance_campaigns
from campaigns.finishing import list_report_lines, make_notice_document
from campaigns.models import Campaign
from campaigns.reporting import describe_campaign
from tests.campaigns.cast import NOON, make_fleet, make_started
from watch.models import Message, Recipient

pytestmark = pytest.mark.django_db


def end_with_failures(count: int) -> Campaign:
    make_fleet(count)
    campaign = make_started(now=NOON, name="November")
    error = {"error_code": "engine_unavailable", "error_params": {"detail": "no answer in time"}}
    campaign.members.update(state="failed", **error)
    campaign.members.filter(position=0).update(state="done", error_code="", closed_seconds=75)
    advance_campaigns(now=NOON)
    return Campaign.objects.get(pk=campaign.pk)


def test_the_report_is_told_once_to_who_is_told() -> None:
    Recipient.objects.create(name="UEPAL", address="uepal@example.org")
    Recipient.objects.create(name="one parish", address="one@example.org", tenants=["p-000"])
    Recipient.objects.create(name="away", address="away@example.org", is_active=False)
    campaign = end_with_failures(3)
    message = Message.objects.get()
    assert campaign.state == "done" and message.recipient.name == "UEPAL"
    assert "November" in message.subject and "p-001" in message.body and "p-002" in message.body
    told = message.document["campaign"]
    assert (told["id"], told["failed"]) == (campaign.public_id, ["p-001", "p-002"])
    assert told["counts"]["done"] == 1 and told["closed_seconds"] == 75
    assert campaign.events.get(what="reported").data == {"count": 1}
    advance_campaigns(now=NOON)
    assert Message.objects.count() == 1


def test_many_failures_are_counted_and_some_named() -> None:
    report = describe_campaign(end_with_failures(30), now=NOON)
    lines = list_report_lines(report)
    named = [line for line in lines if line.startswith("- p-")]
    assert len(named) == 20 and any("9" in line for line in lines[lines.index(named[-1]) + 1 :])
    assert make_notice_document(report, link=None)["link"] is None

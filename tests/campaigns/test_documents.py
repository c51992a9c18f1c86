"""Campaigns as documents: the same words for REST and --json."""

import json

import pytest

from campaigns.documents import (
    CampaignSerializer,
    MemberSerializer,
    StandingSerializer,
    list_event_documents,
    make_plan_document,
)
from campaigns.drafts import read_draft
from campaigns.planning import plan_campaign
from campaigns.reporting import describe_campaign
from campaigns.selectors import list_members
from domain.states import InstanceState
from tests.campaigns.cast import NOON, make_fleet, make_started

pytestmark = pytest.mark.django_db


def test_a_campaign_with_its_members_and_events() -> None:
    make_fleet(1)
    make_fleet(1, prefix="new", state=InstanceState.NEW)
    campaign = make_started(now=NOON)
    campaign.members.filter(position=0).update(state="failed", error_code="engine_unavailable")
    document = CampaignSerializer(campaign).data
    assert (document["id"], document["state"], document["why_paused"]) == (campaign.public_id, "running", None)
    assert document["moves"] == ["pause", "retry", "cancel"]
    standing = StandingSerializer(describe_campaign(campaign, now=NOON)).data
    assert standing["counts"]["failed"] == 1 and standing["percent"] == 100
    failed, left = MemberSerializer(list_members(campaign), many=True).data
    assert (failed["instance"], failed["parish"], failed["wave"], failed["why_left_out"]) == ("p-000", "p-000", 1, None)
    assert failed["error"]["code"] == "engine_unavailable" and failed["message"] and failed["hint"]
    assert (left["wave"], left["why_left_out"], left["error"], left["operation"]) == (None, "state", None, None)
    created, started = list_event_documents(campaign)
    assert (created["what"], started["what"], started["by"]) == ("created", "start", "anne")
    json.dumps([document, standing, failed, left, created])


def test_a_plan() -> None:
    make_fleet(2)
    make_fleet(1, prefix="new", state=InstanceState.NEW)
    document = make_plan_document(plan_campaign(read_draft({"name": "x", "kind": "backup"}), now=NOON))
    assert [(row["instance"], row["wave"]) for row in document["members"]] == [("p-000", 1), ("p-001", 2)]
    assert document["left_out"][0]["why"] == "state" and document["ends_at"] is None
    json.dumps(document)

"""The dry run: who, in which order and wave, until when, at what cost; nothing is written."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.drafts import read_draft
from campaigns.models import Campaign, CampaignMember, Volunteer
from campaigns.planning import CampaignPlan, plan_campaign
from domain.campaigns import LeftOut
from domain.states import InstanceState
from operations.models import Operation
from tests.campaigns.cast import HOUR, NOON, make_fleet, make_sandbox

pytestmark = pytest.mark.django_db


def plan(**values: Any) -> CampaignPlan:
    return plan_campaign(read_draft({"name": "x", "kind": "backup", **values}), now=NOON)


def test_sandboxes_and_volunteers_go_first_then_by_name() -> None:
    rows = make_fleet(4)
    make_sandbox("p-003")
    Volunteer.objects.create(tenant=rows[2].tenant)
    planned = plan(waves=[{"size": 1}, {"size": 2}, {"size": None}])
    order = [(member.identifier, member.wave) for member in planned.members]
    assert order == [("p-003-sandbox", 0), ("p-002", 1), ("p-000", 1), ("p-001", 2), ("p-003", 2)]
    assert planned.wave_sizes == (1, 2, 2) and [member.position for member in planned.members] == list(range(5))
    by_name = [member.identifier for member in plan(order="by_name").members]
    assert by_name == ["p-000", "p-001", "p-002", "p-003", "p-003-sandbox"]


def test_who_is_left_out_is_told_and_nothing_is_written() -> None:
    make_fleet(2)
    make_fleet(1, prefix="new", state=InstanceState.NEW)
    planned = plan()
    assert [(left.identifier, left.why) for left in planned.left_out] == [("new-000", LeftOut.STATE)]
    assert len(planned.members) == 2 and planned.obstacles == ()
    assert not Campaign.objects.exists() and not CampaignMember.objects.exists()


def test_when_it_would_end_is_told_from_measured_times() -> None:
    (instance,) = make_fleet(1)
    assert plan().ends_at is None and plan().seconds_each is None
    times = {"started_at": NOON, "ended_at": NOON + timedelta(minutes=10)}
    Operation.objects.create(kind="backup", instance=instance, state="succeeded", **times)
    planned = plan()
    assert (planned.seconds_each, planned.begins_at) == (600.0, NOON)
    assert planned.ends_at == NOON + timedelta(minutes=10)
    night = plan(windows=[{"from": "22:00", "to": "05:00"}])
    assert night.begins_at == NOON + 10 * HOUR and night.ends_at == NOON + 10 * HOUR + timedelta(minutes=10)


def test_a_dry_run_asks_as_much_for_ten_as_for_three_hundred() -> None:
    def count(number: int) -> int:
        make_fleet(number, prefix=f"q{number}")
        with CaptureQueriesContext(connection) as seen:
            planned = plan(selection={"slugs": [f"q{number}-{each:03d}" for each in range(number)]})
        assert len(planned.members) == number
        return len(seen)

    assert count(10) == count(300) <= 20

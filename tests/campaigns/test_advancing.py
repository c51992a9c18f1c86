"""Passes of the clock: waves, the limit, windows, the stop rule, whoever is busy; no query more for more members."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.advancing import advance_campaigns
from campaigns.models import Campaign
from campaigns.steering import cancel_campaign, pause_campaign, resume_campaign, retry_failed
from domain.errors import CiviparoisseError, EngineUnavailable
from domain.states import InstanceState, OperationState
from engine.registry import get_engine, register_engine
from operations.models import Operation
from operations.requests import request_operation
from tests.campaigns.cast import (
    DAY,
    end,
    list_events,
    list_running,
    list_states,
    make_campaign,
    make_fleet,
    make_started,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]

NOW = datetime(2026, 11, 30, 11, tzinfo=UTC)


def advance(campaign: Campaign, *, now: datetime = NOW) -> Campaign:
    advance_campaigns(now=now)
    return Campaign.objects.get(pk=campaign.pk)


def test_waves_go_one_after_the_other_within_the_limit_and_it_ends() -> None:
    make_fleet(5)
    campaign = make_started(waves=[{"size": 1}, {"size": None}], limit_per_cluster=3)
    assert list_running(advance(campaign)) == ["p-000"]
    assert list_running(advance(campaign)) == ["p-000"], "the first wave is still at work"
    end(campaign)
    assert list_running(advance(campaign)) == ["p-001", "p-002", "p-003"]
    end(campaign, "p-002")
    assert list_running(advance(campaign)) == ["p-001", "p-003", "p-004"]
    end(campaign)
    campaign = advance(campaign)
    assert (campaign.state, campaign.ended_at) == ("done", NOW)
    assert list_states(campaign) == ["done"] * 5
    assert not campaign.members.filter(lock__isnull=False).exists(), "others may have them now"
    assert list_events(campaign) == ["created", "start", "finish", "reported"]
    operations = Operation.objects.filter(requested_by=f"campaign {campaign.public_id}")
    assert operations.count() == 5 and set(operations.values_list("kind", flat=True)) == {"backup"}


def test_a_planned_campaign_begins_nothing() -> None:
    make_fleet()
    assert list_states(advance(make_campaign())) == ["waiting"] * 3


def test_the_limit_is_of_each_cluster() -> None:
    make_fleet(3, prefix="a")
    make_fleet(3, prefix="b", engine="other")
    campaign = make_started(waves=[{"size": None}], limit_per_cluster=2)
    register_engine("other", lambda: get_engine("fake"))
    assert list_running(advance(campaign)) == ["a-000", "a-001", "b-000", "b-001"]


def test_a_busy_instance_waits_its_turn_and_is_not_failed() -> None:
    first, *_others = make_fleet(3)
    other = request_operation(kind="backup", instance=first, requested_by="test")
    campaign = make_started(waves=[{"size": None}], limit_per_cluster=1)
    assert list_running(advance(campaign)) == ["p-001"]
    Operation.objects.filter(pk=other.pk).update(state="succeeded", lock=None)
    end(campaign)
    assert list_running(advance(campaign)) == ["p-000"], "its turn is the first again"


def test_outside_its_window_nothing_begins_and_what_runs_is_followed() -> None:
    make_fleet(2)
    campaign = make_started(windows=[{"from": "22:00", "to": "05:00"}], limit_per_cluster=1)
    assert list_running(advance(campaign, now=NOW)) == []
    night = datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert list_running(advance(campaign, now=night)) == ["p-000"]
    end(campaign)
    campaign = advance(campaign, now=night + DAY / 2)
    assert list_states(campaign) == ["done", "waiting"]


def test_too_many_failures_stop_it_until_somebody_goes_on() -> None:
    make_fleet(6)
    values: dict[str, Any] = {"stop_after_failures": 2, "stop_share_percent": None}
    campaign = make_started(waves=[{"size": None}], limit_per_cluster=2, **values)
    advance(campaign)
    end(campaign, code="engine_unavailable")
    campaign = advance(campaign)
    assert (campaign.state, campaign.why_paused) == ("paused", "failures") and list_running(campaign) == []
    assert campaign.events.get(what="stop").data == {"reason": "failures", "failed": 2}
    assert list_running(advance(campaign)) == [], "it stays so"
    resume_campaign(campaign, by="anne", now=NOW)
    campaign = advance(campaign)
    assert (campaign.state, campaign.why_paused) == ("running", "")
    assert list_running(campaign) == ["p-002", "p-003"], "those failures are accepted"
    end(campaign, "p-002", code="engine_unavailable")
    campaign = advance(campaign)
    assert campaign.state == "running" and list_running(campaign) == ["p-003", "p-004"]
    end(campaign, "p-003", code="engine_unavailable")
    assert advance(campaign).state == "paused"


def test_a_first_wave_that_failed_stops_it_without_any_rule() -> None:
    make_fleet(3)
    campaign = make_started(stop_after_failures=None, stop_share_percent=None)
    advance(campaign)
    end(campaign, code="engine_unavailable")
    campaign = advance(campaign)
    assert (campaign.state, campaign.why_paused) == ("paused", "wave") and list_running(campaign) == []


def test_a_failure_keeps_its_error_and_a_cancelled_operation_has_one() -> None:
    make_fleet(2)
    campaign = make_started(waves=[{"size": None}], stop_after_failures=None, stop_share_percent=None)
    advance(campaign)
    end(campaign, "p-000", code="engine_unavailable")
    end(campaign, "p-001", state=OperationState.CANCELLED)
    campaign = advance(campaign)
    codes = list(campaign.members.order_by("position").values_list("state", "error_code"))
    assert codes == [("failed", "engine_unavailable"), ("failed", "operation_cancelled")]
    assert campaign.state == "done", "nothing is left to begin"


def test_how_long_a_site_was_closed_is_kept() -> None:
    make_fleet(1)
    campaign = make_started()
    advance(campaign)
    end(campaign, result={"closed_seconds": 42})
    assert advance(campaign).members.get().closed_seconds == 42


def test_what_failed_has_another_turn_in_its_wave() -> None:
    make_fleet(2)
    campaign = make_started(waves=[{"size": 1}, {"size": None}])
    advance(campaign)
    end(campaign, code="engine_unavailable")
    campaign = advance(campaign)
    assert campaign.state == "paused"
    first = campaign.members.get(subject="p-000").operation
    campaign = advance(retry_failed(campaign, by="anne", now=NOW))
    member = campaign.members.get(subject="p-000")
    assert (member.state, member.attempt, member.error_code) == ("running", 2, "")
    assert member.operation != first and list_running(campaign) == ["p-000"]


def test_paused_nothing_begins_and_what_runs_ends() -> None:
    make_fleet(3)
    campaign = make_started(waves=[{"size": None}], limit_per_cluster=1)
    advance(campaign)
    pause_campaign(campaign, by="anne", now=NOW, reason="the mail server is down")
    end(campaign)
    campaign = advance(campaign)
    assert list_states(campaign) == ["done", "waiting", "waiting"]
    assert (campaign.why_paused, campaign.pause_note) == ("person", "the mail server is down")
    assert list_running(advance(resume_campaign(campaign, by="anne", now=NOW))) == ["p-001"]


def test_cancelled_it_ends_once_what_runs_has_ended() -> None:
    make_fleet(3)
    campaign = make_started(waves=[{"size": None}], limit_per_cluster=1)
    advance(campaign)
    campaign = advance(cancel_campaign(campaign, by="anne", now=NOW))
    assert campaign.state == "cancelling" and list_states(campaign) == ["running", "cancelled", "cancelled"]
    end(campaign)
    campaign = advance(campaign)
    assert (campaign.state, campaign.ended_at) == ("cancelled", NOW)
    assert list_states(campaign) == ["done", "cancelled", "cancelled"]
    assert not campaign.members.filter(lock__isnull=False).exists()


def test_what_its_state_forbids_at_its_turn_fails_and_says_why() -> None:
    instances = make_fleet(3)
    campaign = make_started(waves=[{"size": None}], stop_after_failures=None, stop_share_percent=None)
    type(instances[0]).objects.filter(pk=instances[0].pk).update(state=InstanceState.DELETED.value)
    campaign = advance(campaign)
    member = campaign.members.get(subject="p-000")
    assert (member.state, member.error_code) == ("failed", "state_forbids")
    assert campaign.events.get(what="refused").data == {"instance": "p-000", "code": "state_forbids"}
    assert list_running(campaign) == ["p-001"]
    assert list_running(advance(campaign)) == ["p-001", "p-002"], "its place is free for the next"


def test_a_row_that_is_gone_is_a_failure_not_a_crash() -> None:
    instances = make_fleet(2)
    campaign = make_started(waves=[{"size": None}], stop_after_failures=None, stop_share_percent=None)
    campaign.members.filter(instance=instances[0]).update(instance=None)
    campaign = advance(campaign)
    assert campaign.members.get(subject="p-000").error_code == "not_found"
    campaign.members.filter(subject="p-001").update(operation=None)
    campaign = advance(campaign)
    assert campaign.members.get(subject="p-001").error_code == "campaign_operation_lost"


def test_an_engine_that_does_not_answer_is_asked_once_a_pass_and_nobody_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from campaigns import advancing

    asked: list[str] = []

    def refuse(_campaign: Campaign, member: Any) -> Operation:
        asked.append(member.subject)
        raise EngineUnavailable(instance=member.subject, detail="no answer in time")

    make_fleet(3)
    campaign = make_started(waves=[{"size": None}], limit_per_cluster=3)
    monkeypatch.setattr(advancing, "ask_for_member", refuse)
    campaign = advance(campaign)
    assert asked == ["p-000"] and list_states(campaign) == ["waiting"] * 3
    assert campaign.members.get(subject="p-000").waits_for == "engine_unavailable"
    monkeypatch.undo()
    assert list_running(advance(campaign)) == ["p-000", "p-001", "p-002"]
    assert not campaign.members.exclude(waits_for="").exists()


def test_what_goes_wrong_with_one_campaign_keeps_no_other_from_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    from campaigns import advancing

    make_fleet(1, prefix="a")
    make_fleet(1, prefix="b")
    first = make_started(selection={"slugs": ["a-000"]})
    second = make_started(selection={"slugs": ["b-000"]})
    settle = advancing._settle

    def fail(campaign: Campaign, *, now: datetime) -> int | None:
        if campaign.pk == first.pk:
            raise CiviparoisseError("campaign_full", campaign=campaign.public_id)
        return settle(campaign, now=now)

    monkeypatch.setattr(advancing, "_settle", fail)
    advance_campaigns(now=NOW)
    assert list_running(first) == [] and list_running(second) == ["b-000"]


def count_queries(members: int) -> list[int]:
    """Return the queries of a pass that notes the ends of five of ten at work, and of one that notes nothing, outside
    of the window."""
    make_fleet(members, prefix=f"q{members}")
    campaign = make_started(
        selection={"slugs": [f"q{members}-{number:03d}" for number in range(members)]},
        waves=[{"size": None}],
        limit_per_cluster=10,
        stop_after_failures=None,
        stop_share_percent=None,
        windows=[{"from": "22:00", "to": "05:00"}],
    )
    for member in campaign.members.filter(position__lt=10):
        is_over = {"state": "failed", "error_code": "engine_unavailable"} if member.position % 2 else {}
        row = Operation.objects.create(kind="backup", subject=member.subject, **{"state": "running", **is_over})
        campaign.members.filter(pk=member.pk).update(operation=row, state="running")
    counts = []
    for _pass in range(2):
        with CaptureQueriesContext(connection) as seen:
            advance_campaigns(now=NOW)
        counts.append(len(seen))
    assert list_states(campaign).count("failed") == 5 and len(list_running(campaign)) == 5
    Operation.objects.filter(campaign_members__campaign=campaign).update(state="succeeded")
    cancel_campaign(campaign, by="anne", now=NOW)
    with CaptureQueriesContext(connection) as seen:
        advance_campaigns(now=NOW)
    assert Campaign.objects.get(pk=campaign.pk).state == "cancelled"
    return [*counts, len(seen)]


def test_a_pass_asks_as_much_for_ten_members_as_for_three_hundred() -> None:
    few = count_queries(10)
    assert count_queries(300) == few and max(few) < 30


def test_as_many_queries_to_choose_the_next_of_ten_as_of_three_hundred() -> None:
    def count(members: int) -> int:
        make_fleet(members, prefix=f"c{members}")
        slugs = [f"c{members}-{number:03d}" for number in range(members)]
        campaign = make_started(selection={"slugs": slugs}, waves=[{"size": None}], limit_per_cluster=1)
        with CaptureQueriesContext(connection) as seen:
            advance_campaigns(now=NOW)
        assert len(list_running(campaign)) == 1
        cancel_campaign(campaign, by="anne", now=timezone.now())
        end(campaign)
        advance_campaigns(now=NOW)
        return len(seen)

    assert count(10) == count(300)

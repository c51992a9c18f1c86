"""The manager's processes of a test: the clock is killed at each of its writes, several clocks and people act at the
same instant.

Run as a module in a process of tests.fleet.Fleet; says on its last line how much was tried, or fails.
"""

import json
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import django

from tests.parish_requests.processes import MOST_WRITES, ROUNDS, die_before_write, run_together

LIMIT = 2
CLOCKS = 3


def make_started(prefix: str, count: int = 4, **values: Any) -> Any:
    """Return a campaign that was started over `count` parishes of its own."""
    from tests.campaigns import cast

    cast.make_fleet(count, prefix=prefix)
    slugs = [f"{prefix}-{number:03d}" for number in range(count)]
    asked = {"waves": [{"size": None}], "limit_per_cluster": LIMIT, "selection": {"slugs": slugs}, **values}
    return cast.make_started(**asked)


def look(campaign: Any) -> Any:
    """Let one pass look at this campaign alone."""
    from django.utils import timezone

    from campaigns.advancing import advance_campaign

    return advance_campaign(campaign.public_id, now=timezone.now())


def check_ties(campaign: Any) -> None:
    """Each operation is of one member, each member at work has one, and no more are at work than may be."""
    from operations.models import Operation

    begun = Operation.objects.filter(requested_by=f"campaign {campaign.public_id}")
    tied = set(campaign.members.exclude(operation=None).values_list("operation", flat=True))
    assert tied <= set(begun.values_list("pk", flat=True))
    running = campaign.members.filter(state="running")
    assert running.filter(operation=None).count() == 0 and running.count() <= LIMIT, running.count()
    untied = begun.exclude(pk__in=tied)
    assert not untied.exists(), list(untied)
    keys = list(begun.values_list("idempotency_key", flat=True))
    assert len(keys) == len(set(keys))


def kill_clock(prepare: Callable[[int], Any], check: Callable[[Any, bool], None]) -> int:
    """Kill the clock before each of its writes on what `prepare` makes, have `check` look at what that left, and again
    once the next clock has run. Return how many writes there were."""
    for number in range(1, MOST_WRITES):
        campaign = prepare(number)
        (code,) = run_together([die_before_write(number, lambda row=campaign: look(row))])
        assert code in (0, -signal.SIGKILL), code
        check(campaign, False)
        assert run_together([lambda row=campaign: look(row)]) == [0]
        check(campaign, True)
        if code == 0:
            return number - 1
    raise AssertionError("the clock never came to its end")


def kill_at_the_beginning() -> int:
    """The clock dies while it asks for the first operations."""

    def check(campaign: Any, is_over: bool) -> None:
        check_ties(campaign)
        assert not is_over or campaign.members.filter(state="running").count() == LIMIT

    return kill_clock(lambda number: make_started(f"begin{number}"), check)


def kill_at_the_end() -> int:
    """The clock dies while it notes what has ended, asks for the next, and ends the campaign with its report."""
    from campaigns.models import Campaign
    from tests.campaigns import cast

    def prepare(number: int) -> Any:
        campaign = make_started(f"end{number}", count=2)
        look(campaign)
        cast.end(campaign, f"end{number}-000")
        cast.end(campaign, f"end{number}-001", code="engine_unavailable")
        return campaign

    def check(campaign: Any, is_over: bool) -> None:
        row = Campaign.objects.get(pk=campaign.pk)
        check_ties(row)
        events = cast.list_events(row)
        is_done = row.state == "done"
        assert events.count("finish") == events.count("reported") == is_done and (is_done or not is_over)
        assert cast.list_states(row) in (["running", "running"], ["done", "failed"])
        assert row.members.filter(lock=None).count() == (2 if is_done else 0)

    return kill_clock(prepare, check)


def begin_together() -> int:
    """Several clocks look at the same campaign at the same instant, while others end what it began."""
    from campaigns.models import Campaign
    from tests.campaigns import cast

    for number in range(ROUNDS):
        campaign = make_started(f"twice{number}", count=6)
        for _turn in range(20):
            assert run_together([lambda row=campaign: look(row)] * CLOCKS) == [0] * CLOCKS
            check_ties(campaign)
            running = cast.list_running(campaign)
            if not running:
                break
            cast.end(campaign, running[0])
        row = Campaign.objects.get(pk=campaign.pk)
        assert row.state == "done" and cast.list_states(row) == ["done"] * 6
        assert cast.list_events(row).count("reported") == 1
    return ROUNDS


def steer_together() -> int:
    """Somebody pauses, cancels or retries at the instant in which a clock asks for the next."""
    from django.utils import timezone

    from campaigns.models import Campaign
    from campaigns.steering import cancel_campaign, pause_campaign
    from domain.errors import CiviparoisseError

    def act(step: Callable[..., Any], campaign: Any) -> int:
        moment: datetime = timezone.now()
        try:
            step(campaign, by="anne", now=moment)
        except CiviparoisseError as error:
            return 0 if error.code == "campaign_state_forbids" else 4
        return 0

    for number in range(ROUNDS):
        for name, step in (("pause", pause_campaign), ("cancel", cancel_campaign)):
            campaign = make_started(f"{name}{number}")
            acts = [lambda row=campaign: look(row), lambda row=campaign, do=step: act(do, row)]
            assert run_together([*acts, acts[0]]) == [0, 0, 0]
            check_ties(campaign)
            row = Campaign.objects.get(pk=campaign.pk)
            assert row.state in ("paused", "cancelling", "cancelled"), row.state
            before = row.members.filter(state="running").count()
            assert run_together([acts[0]]) == [0]
            assert row.members.filter(state="running").count() == before, "nothing begins any more"
    return ROUNDS


def create_together() -> int:
    """Two campaigns over the same parishes are written at the same instant: each instance is in one of them."""
    from campaigns.models import CampaignMember
    from domain.errors import CiviparoisseError
    from tests.campaigns import cast

    def create(slugs: list[str]) -> int:
        try:
            cast.make_campaign(selection={"slugs": slugs})
        except CiviparoisseError as error:
            return 3 if error.code in ("campaign_instance_taken", "campaign_empty") else 4
        return 0

    for number in range(ROUNDS):
        cast.make_fleet(3, prefix=f"both{number}")
        slugs = [f"both{number}-{each:03d}" for each in range(3)]
        codes = run_together([lambda names=slugs: create(names)] * 2)
        assert sorted(codes) == [0, 3], codes
        held = CampaignMember.objects.filter(lock__in=slugs).values_list("campaign", flat=True)
        assert len(held) == 3 and len(set(held)) == 1
    return ROUNDS


def main() -> None:
    """Try all of it, and say how much was tried."""
    django.setup()
    tried = [kill_at_the_beginning, kill_at_the_end, begin_together, steer_together, create_together]
    sys.stdout.write(json.dumps({one.__name__: one() for one in tried}) + "\n")


if __name__ == "__main__":
    main()

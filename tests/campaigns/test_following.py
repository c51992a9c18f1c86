"""How waves stand, and members whose operations have ended; what is no number is no time."""

import pytest

from campaigns.following import count_waves, follow_members
from campaigns.scheduling import WaveCount
from operations.models import Operation
from tests.campaigns.cast import NOON, make_fleet, make_started

pytestmark = pytest.mark.django_db


def test_each_state_is_counted_in_its_wave_and_who_is_left_out_in_none() -> None:
    make_fleet(6)
    campaign = make_started(waves=[{"size": 2}, {"size": None}])
    for position, values in enumerate(
        (
            {"state": "done"},
            {"state": "failed"},
            {"state": "failed", "is_accepted": True},
            {"state": "running"},
            {"state": "left_out"},
            {},
        )
    ):
        if values:
            campaign.members.filter(position=position).update(**values)
    assert count_waves(campaign) == {0: WaveCount(done=1, failed=1), 1: WaveCount(accepted=1, running=1, waiting=1)}


def test_ends_are_noted_once_with_their_own_time() -> None:
    make_fleet(3)
    campaign = make_started()
    for member, values in zip(
        campaign.members.order_by("position"),
        (
            {"state": "succeeded", "result": {"closed_seconds": "long"}, "ended_at": NOON},
            {"state": "failed", "error_code": "no_such_code_any_more", "ended_at": NOON},
            {"state": "running"},
        ),
        strict=True,
    ):
        operation = Operation.objects.create(kind="backup", subject=member.subject, **values)
        campaign.members.filter(pk=member.pk).update(state="running", operation=operation)
    assert follow_members(campaign, now=NOON) == 2 and follow_members(campaign, now=NOON) == 0
    rows = list(campaign.members.order_by("position").values_list("state", "error_code", "ended_at", "closed_seconds"))
    assert rows == [
        ("done", "", NOON, None),
        ("failed", "operation_cancelled", NOON, None),
        ("running", "", None, None),
    ]

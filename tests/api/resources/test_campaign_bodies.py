"""What is sent with campaigns: names that are not known and values that say nothing are refused."""

from typing import Any

import pytest

from api.resources.campaign_bodies import NewCampaignBody, NotesBody, PauseBody

FULL: dict[str, Any] = {
    "name": "Noël",
    "kind": "backup",
    "parameters": {"scope": "full"},
    "selection": {"kinds": ["production"], "slugs": ["saint-paul"], "volunteers": None},
    "order": "by_name",
    "waves": [{"size": 1}, {"size": None}],
    "limit_per_cluster": 2,
    "windows": [{"from": "22:00", "to": "05:00", "days": ["mon"]}],
    "time_zone": "Europe/Paris",
    "blackout": {"weekdays": ["sun"], "dates": ["12-24..12-26", "2026-12-31"]},
    "stop_after_failures": None,
    "stop_share_percent": 20,
    "notes": "a\nb",
    "notes_read": True,
}


def test_a_whole_campaign_is_read_as_it_was_sent() -> None:
    body = NewCampaignBody(data=FULL)
    assert body.is_valid(), body.errors
    assert dict(body.validated_data) == FULL


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "delete"},
        {"selection": {"kind": "production"}},
        {"selection": {"slugs": []}},
        {"waves": []},
        {"waves": [{"size": 0}]},
        {"waves": [1, 5]},
        {"windows": [{"from": "24:00", "to": "05:00"}]},
        {"windows": [{"begins": "22:00", "ends": "05:00"}]},
        {"blackout": {"dates": ["Christmas"]}},
        {"limit_per_cluster": None},
        {"stop_share_percent": 0},
        {"paralel": 3},
    ],
    ids=str,
)
def test_what_is_wrong_is_refused(wrong: dict[str, Any]) -> None:
    assert not NewCampaignBody(data={**FULL, **wrong}).is_valid()


def test_bodies_of_steps() -> None:
    assert PauseBody(data={}).is_valid() and not PauseBody(data={"why": "x"}).is_valid()
    assert NotesBody(data={"notes": "a\nb"}).is_valid() and not NotesBody(data={}).is_valid()

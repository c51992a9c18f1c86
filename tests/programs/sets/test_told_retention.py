"""The document that the manager writes and the pod reads: nothing is removed by guess."""

import json
from datetime import UTC, datetime

import pytest

from domain.backup_terms import NO_RETENTION
from programs.run.failures import ProgramError
from programs.sets.retention import HeldSet, RetentionRule
from programs.sets.told_retention import format_retention, read_retention

NOW = datetime(2026, 11, 4, tzinfo=UTC)
RULE = RetentionRule(keep_daily=7, final_days=9)
HELD = HeldSet(backup_id="x", started_at=NOW, scope="full", good=True, pinned=True, pinned_until=NOW, proven_at=NOW)
DOCUMENT = format_retention(RULE, zone="Europe/Paris", when="after", held=[HELD])


def test_what_is_written_is_read_and_is_the_same_for_the_same_facts() -> None:
    told = read_retention({"RETENTION": DOCUMENT})
    assert told is not None and (told.rule, told.when) == (RULE, "after")
    assert told.sets["x"]["pinned_until"] == NOW.isoformat()
    other = HeldSet(backup_id="a", started_at=NOW, scope="full", good=True)
    both = [format_retention(RULE, zone="UTC", when="full", held=order) for order in ([HELD, other], [other, HELD])]
    assert both[0] == both[1]
    assert all(read_retention(env) is None for env in ({}, {"RETENTION": ""}, {"RETENTION": NO_RETENTION}))


@pytest.mark.parametrize(
    "change",
    [
        {"rule": {}},
        {"rule": {**json.loads(DOCUMENT)["rule"], "keep_daily": -1}},
        {"rule": {**json.loads(DOCUMENT)["rule"], "keep_daily": True}},
        {"rule": {**json.loads(DOCUMENT)["rule"], "keep_hourly": 1}},
        {"zone": "Europe/Atlantis"},
        {"when": "now"},
        {"sets": []},
        {"sets": {"x": {"pinned": "no"}}},
        {"sets": {"x": {"pinned_until": "soon"}}},
        {"sets": {"x": {"pinned_until": "2026-11-04T00:00:00"}}},
    ],
    ids=str,
)
def test_what_is_not_the_manager_s_document_is_an_error(change: dict[str, object]) -> None:
    for text in (json.dumps({**json.loads(DOCUMENT), **change}), "[]", "{", "1"):
        with pytest.raises(ProgramError) as refused:
            read_retention({"RETENTION": text})
        assert refused.value.code == "environment_invalid"

"""What a look at an instance's room says, and how bad it is."""

from datetime import UTC, datetime

import pytest

from domain.finding_texts import render_finding
from domain.findings import Level
from domain.room import ObservedRoom, list_room_findings, parse_room

NOW = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
RESULT = {
    "ok": True,
    "look": "room",
    "volumes": {"db": {"total": 1000, "free": 100, "percent": 90}},
    "write_error": "",
}


def test_a_result_becomes_a_room() -> None:
    room = parse_room(RESULT, NOW)
    assert room == ObservedRoom(at=NOW, percents={"db": 90}, free_bytes={"db": 100}, write_error="")


@pytest.mark.parametrize(
    "result",
    [None, {}, {"look": "data"}, {**RESULT, "volumes": None}, {**RESULT, "write_error": 5}, {"ok": False, "error": {}}],
)
def test_what_is_not_in_our_form_says_nothing(result: dict[str, object] | None) -> None:
    assert parse_room(result, NOW) is None


def test_a_volume_with_broken_figures_is_left_out() -> None:
    room = parse_room({**RESULT, "volumes": {"db": {"percent": "90"}, "files": 5}}, NOW)
    assert room is not None and room.percents == {}


@pytest.mark.parametrize(
    ("percent", "level"),
    [(84, None), (85, Level.WARNING), (94, Level.WARNING), (95, Level.CRITICAL), (100, Level.CRITICAL)],
)
def test_a_volume_is_told_before_it_is_full(percent: int, level: Level | None) -> None:
    found = list_room_findings(ObservedRoom(at=NOW, percents={"db": percent}), instance="saint-paul")
    assert [finding.level for finding in found] == ([level] if level else [])


@pytest.mark.parametrize("volume", ["db", "files", "private", "backups"])
@pytest.mark.parametrize("percent", [85, 95])
def test_every_finding_says_of_whom_and_what_to_do(volume: str, percent: int) -> None:
    room = ObservedRoom(at=NOW, percents={volume: percent}, write_error="disk full")
    for finding in list_room_findings(room, instance="saint-paul"):
        message, hint = render_finding(finding.code, finding.params)
        assert "saint-paul" in message and "instance_resize saint-paul" in hint and "«?»" not in message + hint
        assert ("backup_prune" in hint) is (finding.params.get("volume") == "backups")


def test_a_database_that_takes_no_row_comes_first() -> None:
    room = ObservedRoom(at=NOW, percents={"db": 100, "files": 86}, write_error="The table is full")
    codes = [finding.code for finding in list_room_findings(room, instance="saint-paul")]
    assert codes == ["database_takes_no_rows", "volume_full", "volume_filling"]


def test_rows_that_were_not_tried_are_no_fault() -> None:
    assert list_room_findings(ObservedRoom(at=NOW, percents={"db": 5}, write_error=None), instance="x") == []

"""A backup program prunes its own volume by the policy it was given: a year of nights on a small volume, and what is
never removed."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from programs.sets.holding import hold_set
from programs.sets.pruning import Pruning, observe_room
from programs.sets.retention import HeldSet, RetentionRule, decide_retention
from programs.sets.told_retention import format_retention, read_retention
from tests.programs.workspace import KEY, ROOT, Workspace

POLICY = RetentionRule(keep_daily=7, keep_weekly=4, keep_monthly=12, safety_days=7, final_days=30)
# Some 45 sets of 24 KiB and their manifests: a year of nights would take eight times as much.
VOLUME = "size=2M"
PARIS = ZoneInfo("Europe/Paris")


def make_document(when: str = "full", held: tuple[HeldSet, ...] = (), rule: RetentionRule = POLICY) -> str:
    return format_retention(rule, zone="Europe/Paris", when=when, held=held)


def run_year(workspace: Workspace, retention: str, nights: int) -> dict[str, list[str]]:
    script = 'mount -t tmpfs -o "$1" tmpfs "$BACKUPS_DIR" && exec "$2" -m tests.programs.year'
    unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    done = subprocess.run(
        [*unshare, "sh", "-c", script, "sh", VOLUME, sys.executable],
        env=workspace.make_env(RETENTION=retention, NIGHTS=str(nights)),
        capture_output=True,
        text=True,
        timeout=600,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, list[str]] = json.loads(done.stdout)
    return answer


def test_a_year_of_nights_on_a_small_volume_has_no_failed_night(files_workspace: Workspace) -> None:
    answer = run_year(files_workspace, make_document("after"), 365)
    assert answer["failed"] == []
    dates = [datetime.strptime(name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for name in answer["left"]]
    last = datetime(2026, 12, 31, 0, 40, tzinfo=UTC)
    assert dates[-7:] == [last - timedelta(days=days) for days in range(6, -1, -1)]
    assert {date.astimezone(PARIS).month for date in dates} == set(range(1, 13)) and len(dates) < 25


def test_without_a_policy_the_same_volume_is_full_and_says_so(files_workspace: Workspace) -> None:
    answer = run_year(files_workspace, "", 70)
    assert answer["failed"] and {code for _night, code in answer["failed"]} == {"no_space"}


def test_a_volume_that_is_full_makes_room_by_the_policy_and_no_more(files_workspace: Workspace) -> None:
    answer = run_year(files_workspace, make_document("full"), 70)
    assert answer["failed"] == []
    # Sets that the policy lets go stay as long as there is room.
    assert len(answer["left"]) > 15


@pytest.fixture
def three(files_workspace: Workspace) -> list[str]:
    """Three good sets, the oldest first."""
    names = [f"2026110{day}T004000Z-00000{day}" for day in (1, 2, 3)]
    for name in names:
        files_workspace.make_backup(BACKUP_ID=name)
    return names


def prune(workspace: Workspace, document: str) -> list[str]:
    told = read_retention({"RETENTION": document})
    pruning = Pruning(workspace.backups, told, key=KEY, now=datetime(2026, 11, 4, tzinfo=UTC))
    pruning.follow_rule()
    left = sorted(path.name for path in workspace.backups.iterdir() if path.name[0] != ".")
    removed = pruning.make_summary().get("pruned", [])
    assert isinstance(removed, list) and not set(removed) & set(left)
    return left


def held(name: str, **values: object) -> HeldSet:
    fields = {"started_at": datetime(2026, 11, 1, tzinfo=UTC), "scope": "files", "good": True, **values}
    return HeldSet(backup_id=name, **fields)  # type: ignore[arg-type]


ONE = RetentionRule(keep_last=1)


def test_the_pod_decides_as_the_manager_does(files_workspace: Workspace, three: list[str]) -> None:
    assert prune(files_workspace, make_document("full", rule=ONE)) == three
    sets = [held(name, started_at=datetime(2026, 11, day, 0, 40, tzinfo=UTC)) for day, name in enumerate(three, 1)]
    decisions = decide_retention(sets, ONE, now=datetime(2026, 11, 4, tzinfo=UTC), timezone=PARIS)
    kept = [one.held.backup_id for one in decisions if one.keep]
    assert prune(files_workspace, make_document("after", rule=ONE)) == kept == three[2:]


def test_what_is_pinned_read_proven_or_of_its_own_time_stays(files_workspace: Workspace, three: list[str]) -> None:
    now = datetime(2026, 11, 4, tzinfo=UTC)
    rule = RetentionRule(keep_last=1, safety_days=7)
    for known in (
        held(three[0], pinned=True),
        held(three[0], pinned=True, pinned_until=now + timedelta(days=1)),
        held(three[0], held_by=("op",)),
        held(three[0], is_last_copy=True),
        held(three[0], proven_at=now),
        held(three[0], reason="safety"),
    ):
        left = prune(files_workspace, make_document("after", (known, held(three[1], pinned=True)), rule))
        assert left == three, known
    # A set that the manager found damaged pushes no good one out.
    bad = held(three[2], good=False)
    assert prune(files_workspace, make_document("after", (bad, held(three[0], pinned=True)), rule)) == three


def test_what_somebody_reads_just_now_stays_for_the_next_run(files_workspace: Workspace, three: list[str]) -> None:
    with hold_set(files_workspace.backups / three[0]):
        assert prune(files_workspace, make_document("after", rule=ONE)) == [three[0], three[2]]
    assert prune(files_workspace, make_document("after", rule=ONE)) == three[2:]


def test_what_is_not_known_for_sure_stays_and_stands_for_nothing(files_workspace: Workspace, three: list[str]) -> None:
    manifest = files_workspace.backups / three[2] / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"warnings": []', b'"warnings": ["x"]'))
    assert prune(files_workspace, make_document("after", rule=ONE)) == three[1:]
    told = read_retention({"RETENTION": make_document("after", rule=ONE)})
    stranger = Pruning(files_workspace.backups, told, key=b"z" * 32, now=datetime(2026, 11, 4, tzinfo=UTC))
    stranger.follow_rule()
    assert stranger.make_summary()["pruned"] == []


def test_the_program_tells_its_volume_and_what_it_removed(files_workspace: Workspace, three: list[str]) -> None:
    outcome = files_workspace.run(
        "backup", BACKUP_ID="20261104T004000Z-000004", RETENTION=make_document("after", rule=ONE)
    )
    assert outcome.result is not None and outcome.result["ok"], outcome.stderr
    assert outcome.result["pruned"] == three and outcome.result["freed_bytes"] > 0
    assert outcome.result["volume_bytes"] == observe_room(files_workspace.backups)["volume_bytes"] > 0
    assert files_workspace.list_leftovers() == [] and Path(files_workspace.backups / "20261104T004000Z-000004").is_dir()

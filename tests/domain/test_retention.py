"""What is out of retention, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.retention import HeldSet, select_newest, select_out_of_retention

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def make_set(days: int, scope: str = "full", *, good: bool = True) -> HeldSet:
    name = f"{scope}-{days}{'' if good else '-bad'}"
    return HeldSet(backup_id=name, started_at=NOW - timedelta(days=days), scope=scope, good=good)


@pytest.mark.parametrize(
    ("held", "old"),
    [
        ([], []),
        ([make_set(900)], []),
        ([make_set(900), make_set(800)], ["full-900"]),
        ([make_set(1), make_set(800), make_set(900)], ["full-900", "full-800"]),
        ([make_set(1), make_set(399), make_set(400), make_set(401)], ["full-401"]),
        # A set that cannot be restored keeps no good one from staying.
        ([make_set(500, good=False), make_set(600)], ["full-500-bad"]),
        ([make_set(1, good=False), make_set(600), make_set(700)], ["full-700"]),
        # What holds less is no substitute.
        ([make_set(1, "files"), make_set(1, "database"), make_set(600)], []),
        ([make_set(500, "files"), make_set(600, "files"), make_set(600)], ["files-600"]),
    ],
)
def test_the_newest_good_set_of_each_scope_stays(held: list[HeldSet], old: list[str]) -> None:
    found = select_out_of_retention(held, before=NOW - timedelta(days=400))
    assert [one.backup_id for one in found] == old
    kept = {one.backup_id for one in select_newest(held).values()}
    assert kept.isdisjoint(old) and bool(kept) == any(one.good for one in held)


def test_of_two_of_one_moment_one_stays() -> None:
    held = [HeldSet(backup_id=name, started_at=NOW - timedelta(days=500), scope="full", good=True) for name in "ba"]
    (old,) = select_out_of_retention(held, before=NOW)
    assert old.backup_id == "a"

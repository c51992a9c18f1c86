"""Levels as tables of facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from backups.freshness import BackupFacts, Level, assess_freshness, has_shrunk, select_worst

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def ago(hours: float) -> datetime:
    """Return the time that many hours before NOW."""
    return NOW - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({}, Level.UNKNOWN),
        ({"failed_at": ago(1)}, Level.CRITICAL),
        ({"good_at": ago(1)}, Level.OK),
        ({"good_at": ago(-0.2)}, Level.OK),
        ({"good_at": ago(-1)}, Level.UNKNOWN),
        ({"good_at": ago(-8760), "failed_at": ago(1)}, Level.UNKNOWN),
        ({"good_at": ago(26)}, Level.OK),
        ({"good_at": ago(26.01)}, Level.WARNING),
        ({"good_at": ago(50)}, Level.WARNING),
        ({"good_at": ago(50.01)}, Level.CRITICAL),
        ({"good_at": ago(1), "failed_at": ago(2)}, Level.OK),
        ({"good_at": ago(2), "failed_at": ago(1)}, Level.CRITICAL),
        ({"good_at": ago(1), "on_volume": False}, Level.CRITICAL),
        ({"good_at": ago(1), "on_volume": None}, Level.UNKNOWN),
        ({"good_at": ago(51), "on_volume": None}, Level.CRITICAL),
        ({"good_at": ago(1), "good_bytes": 49, "earlier_bytes": [100, 100]}, Level.WARNING),
        ({"good_at": ago(1), "good_bytes": 50, "earlier_bytes": [100, 100]}, Level.OK),
        ({"good_at": ago(1), "warnings": 1}, Level.WARNING),
        ({"good_at": ago(1), "is_copied": True, "protected_at": ago(25)}, Level.OK),
        ({"good_at": ago(1), "is_copied": True, "protected_at": ago(25), "is_copy_late": True}, Level.WARNING),
        ({"good_at": ago(1), "is_copied": True, "is_copy_late": True}, Level.WARNING),
        ({"good_at": ago(1), "proven_at": ago(33 * 24), "proof_warning_days": 34}, Level.OK),
        ({"good_at": ago(1), "proven_at": ago(34 * 24), "proof_warning_days": 34}, Level.WARNING),
        ({"good_at": ago(1), "unproven_since": ago(33 * 24), "proof_warning_days": 34}, Level.OK),
        ({"good_at": ago(1), "unproven_since": ago(34 * 24), "proof_warning_days": 34}, Level.WARNING),
        ({"good_at": ago(1), "proven_at": ago(340 * 24), "proof_warning_days": None}, Level.OK),
        ({"good_at": ago(1), "proven_at": ago(1), "refuted": "20261121T080000Z-5f3a9c"}, Level.CRITICAL),
    ],
)
def test_the_level_follows_the_facts(facts: dict[str, object], level: Level) -> None:
    found = assess_freshness(
        BackupFacts(instance="saint-paul", **facts),  # type: ignore[arg-type]
        now=NOW,
        warning_hours=26,
        critical_hours=50,
    )
    assert found.level is level
    assert found.reasons
    assert (found.age_hours is None) == ("good_at" not in facts)


def test_a_size_is_compared_with_the_median_of_the_last_seven() -> None:
    assert has_shrunk(40, [100] * 7 + [1] * 20)
    assert not has_shrunk(60, [100, 100, 10_000])
    assert not has_shrunk(1, [])
    assert not has_shrunk(None, [100])


def test_what_is_certainly_bad_comes_before_what_is_not_known() -> None:
    assert select_worst([Level.OK, Level.UNKNOWN, Level.CRITICAL]) is Level.CRITICAL
    assert select_worst([Level.WARNING, Level.UNKNOWN]) is Level.UNKNOWN
    assert select_worst([]) is Level.UNKNOWN


def test_hours_are_written_as_each_language_writes_them() -> None:
    facts = BackupFacts(instance="saint-paul", good_at=ago(1234.56))
    told = []
    for language in ("en", "fr"):
        with translation.override(language):
            told += assess_freshness(facts, now=NOW, warning_hours=26, critical_hours=50).reasons
    assert "last good backup 1234.6 h ago" in told and "dernière bonne sauvegarde il y a 1234,6 h" in told


def test_the_ages_of_the_last_good_protected_and_proven_set_stand_side_by_side() -> None:
    facts = BackupFacts(instance="saint-paul", good_at=ago(3), is_copied=True, protected_at=ago(27), proven_at=ago(48))
    with translation.override("en"):
        told = assess_freshness(facts, now=NOW, warning_hours=26, critical_hours=50)
    assert (told.age_hours, told.protected_hours, told.proof_days) == (3, 27, 2)
    assert any("elsewhere 27" in reason for reason in told.reasons)
    alone = assess_freshness(replace(facts, is_copied=False), now=NOW, warning_hours=26, critical_hours=50)
    assert not any("elsewhere" in reason for reason in alone.reasons)

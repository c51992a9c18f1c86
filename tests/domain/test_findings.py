"""Findings have a worst one."""

import pytest

from domain.findings import Level, find_worst


@pytest.mark.parametrize(
    ("levels", "worst"),
    [
        ([], Level.OK),
        ([Level.OK, Level.WARNING, Level.OK], Level.WARNING),
        ([Level.CRITICAL, Level.WARNING], Level.CRITICAL),
    ],
)
def test_the_worst_counts(levels: list[Level], worst: Level) -> None:
    assert find_worst(levels) is worst

"""Alerts are values."""

import dataclasses

import pytest

from domain.findings import Level
from watch.checks.shapes import Alert, Example


def test_an_alert_is_not_changed() -> None:
    alert = Alert(
        code="a", level=Level.WARNING, title="1 thing", count=1, link="/", examples=(Example(name="a", link="/"),)
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        alert.count = 2  # type: ignore[misc]

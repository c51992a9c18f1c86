"""Alerts are values."""

import dataclasses

import pytest

from console.overview.shapes import Alert, Example
from domain.findings import Level


def test_an_alert_is_not_changed() -> None:
    alert = Alert(level=Level.WARNING, title="1 thing", count=1, link="/", examples=(Example(name="a", link="/"),))
    with pytest.raises(dataclasses.FrozenInstanceError):
        alert.count = 2  # type: ignore[misc]

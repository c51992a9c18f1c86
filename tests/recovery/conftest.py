"""A state directory of its own for every test that archives."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The manager's state directory, empty."""
    path = tmp_path / "state"
    path.mkdir()
    monkeypatch.setattr(settings, "STATE_FOLDER", path)
    yield path

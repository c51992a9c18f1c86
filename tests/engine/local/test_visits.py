"""The end of the log is read; whatever stands in its place is not."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from engine.access_log import Reading
from engine.local import visits
from engine.local.layout import Layout
from engine.local.visits import read_visits
from tests.engine.log_lines import NOW, make_line

SINCE = NOW - timedelta(days=1)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the log of the instance is."""
    path = Layout(root=tmp_path, identifier="saint-paul").path("log") / "access.log"
    path.parent.mkdir(parents=True)
    return path


def read(log: Path) -> Reading:
    return read_visits(Layout(root=log.parents[3], identifier="saint-paul"), since=SINCE, now=NOW)


def test_the_last_visit_is_read(log: Path) -> None:
    assert read(log) == Reading()
    log.write_bytes(make_line(NOW - timedelta(hours=2)) + make_line(NOW - timedelta(hours=1)) + make_line(NOW)[:-9])
    assert read(log).visited_at == NOW - timedelta(hours=1)


def test_of_a_long_log_the_end_is_read(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "TAIL_BYTES", 300)
    log.write_bytes(b"".join(make_line(NOW - timedelta(seconds=back)) for back in range(100, 0, -1)))
    assert read(log).visited_at == NOW - timedelta(seconds=1)


def test_a_link_or_a_pipe_in_its_place_is_not_read(log: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(make_line(NOW))
    log.symlink_to(tmp_path / "elsewhere")
    assert read(log) == Reading()
    log.unlink()
    os.mkfifo(log)
    assert read(log) == Reading()

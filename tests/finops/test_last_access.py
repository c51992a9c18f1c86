"""The last visit is what the web server's log says, and unknown elsewhere."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from finops.last_access import find_last_access


def test_it_is_the_time_of_the_last_line_of_the_log(tmp_path: Path, settings: Any) -> None:
    settings.LOCAL_ENGINE_ROOT = tmp_path
    log = tmp_path / "instances" / "saint-paul" / "log" / "access.log"
    log.parent.mkdir(parents=True)
    log.write_text("GET /\n")
    os.utime(log, (1_790_000_000, 1_790_000_000))
    assert find_last_access("local", "saint-paul") == datetime.fromtimestamp(1_790_000_000, tz=UTC)
    assert find_last_access("local", "sainte-marie") is None
    assert find_last_access("cluster", "saint-paul") is None, "no data is not never"

"""A parish with a good set at an engine that counts; a mail server that takes what is sent; an hour that goes on."""

from datetime import datetime

import pytest
from django.utils import timezone

from tests.backups.conftest import backed_up, begin, make_instance, parishes
from tests.operations.conftest import clock, engine, finish
from tests.watch.notices.conftest import mailbox

__all__ = ["backed_up", "begin", "clock", "engine", "finish", "mailbox", "make_instance", "parishes"]


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock stands still, so that no hour (of which tries are counted) begins in the middle of a test."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now

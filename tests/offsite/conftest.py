"""A real parish of the local engine, real places away, and keys."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from engine.registry import register_engine
from offsite.copies import carry_copies
from offsite.destinations import create_destination
from offsite.keys import PrintedKey, create_recovery_key, prove_recovery_key
from offsite.models import BackupCopy, CopyState, Destination
from tests.backups.conftest import begin, make_instance  # noqa: F401 - fixtures
from tests.backups.parishes import ENGINE, Parishes
from tests.local_engines import running_local_engine
from tests.operations.conftest import clock, engine, finish  # noqa: F401 - fixtures

COPY_SECONDS = 300


@pytest.fixture(scope="module")
def parishes() -> Iterator[Parishes]:
    """Real instances, made on first use and shared by the tests of one module; every test leaves them working."""
    with running_local_engine() as real:
        register_engine(ENGINE, lambda: real)
        yield Parishes(real)


@pytest.fixture
def recovery(db: None) -> PrintedKey:  # noqa: ARG001 - the fixture
    """A proven recovery key, as it was printed."""
    printed = create_recovery_key(requested_by="test")
    prove_recovery_key(printed.identity, now=timezone.now())
    return printed


@pytest.fixture
def away() -> Iterator[Path]:
    """A directory that every account may write to, as a place away; other runs of pytest close their own."""
    directory = Path(tempfile.mkdtemp(prefix="cp-away-", dir="/tmp"))
    directory.chmod(0o777)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def destination(db: None, away: Path) -> Destination:  # noqa: ARG001 - the fixture
    """That directory as a destination."""
    return create_destination({"name": "shelf", "kind": "directory", "path": str(away)}, requested_by="test")


def carry_to_end(*, expected: CopyState = CopyState.CHECKED, failures: int = 0) -> list[BackupCopy]:
    """Do what the clock does until every copy is as expected; return them. `failures`: there were so many before."""
    deadline = time.monotonic() + COPY_SECONDS
    while True:
        carry_copies(now=timezone.now())
        failed = [
            copy.error_params for copy in BackupCopy.objects.filter(attempts__gt=failures, state=CopyState.WAITING)
        ]
        assert not failed, failed
        copies = list(BackupCopy.objects.select_related("backup__instance__tenant", "destination"))
        if copies and all(copy.state == expected for copy in copies):
            return copies
        told = [(copy.state, copy.error_code, copy.error_params) for copy in copies]
        assert time.monotonic() < deadline, told
        time.sleep(0.2)

"""Numbers of accounts: each is one instance's, what it owns follows, and nothing of it stays."""

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import CiviparoisseError, EngineUnavailable
from engine.local.layout import Layout, ensure_directories, make_layout
from engine.local.own_accounts import ACCOUNTS, ensure_account, hand_over, make_account, read_owner
from tests.builders import make_spec
from tests.local_engines import running_local_engine

IS_ROOT = os.geteuid() == 0
NUMBERS = range(51000, 51020)
BACKUP_ID = "20261121T080000Z-5f3a9c"


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A place on a machine of its own."""
    own = dataclasses.replace(ACCOUNTS, machine=tmp_path / "machine")
    monkeypatch.setattr("engine.local.own_accounts.ACCOUNTS", own)
    return make_layout(tmp_path / "root", "saint-paul")


def list_numbers(layout: Layout) -> list[int]:
    return [number for number, _owner in dataclasses.replace(ACCOUNTS).list_claims(layout.root)]


def as_root_only(layout: Layout) -> bool:
    """Return whether accounts can be given; an ordinary user's are all its own, which is looked at."""
    if not IS_ROOT:
        assert ensure_account(layout, shared=None, numbers=NUMBERS).uid is None
    return IS_ROOT


def test_numbers_are_kept_are_nobody_else_s_and_end(layout: Layout) -> None:
    if not as_root_only(layout):
        return
    first = ensure_account(layout, shared=None, numbers=NUMBERS)
    assert ensure_account(layout, shared=None, numbers=NUMBERS) == first
    other = make_layout(layout.root, "sainte-marie")
    assert ensure_account(other, shared=None, numbers=NUMBERS) != first
    taken = range(first.uid or 0, (first.uid or 0) + 1)
    with pytest.raises(CiviparoisseError) as raised:
        ensure_account(make_layout(layout.root, "saint-jean"), shared=None, numbers=taken)
    assert raised.value.code == "no_free_account"
    elsewhere = make_layout(layout.root.parent / "second", "saint-paul")
    with pytest.raises(CiviparoisseError):
        ensure_account(elsewhere, shared=None, numbers=taken)


def test_a_number_that_the_machine_knows_is_passed_over(layout: Layout) -> None:
    if not as_root_only(layout):
        return
    with pytest.raises(CiviparoisseError):
        ensure_account(layout, shared=None, numbers=range(33, 34))  # www-data's on Debian


def test_a_place_that_lost_its_claims_keeps_the_number_on_its_files(layout: Layout) -> None:
    if not as_root_only(layout):
        return
    account = ensure_account(layout, shared=None, numbers=NUMBERS)
    ensure_directories(layout, account)
    shutil.rmtree(layout.root / "accounts")
    assert ensure_account(layout, shared=None, numbers=NUMBERS) == account


def test_a_place_that_came_as_root_s_is_handed_over_without_following_links(layout: Layout, tmp_path: Path) -> None:
    if not as_root_only(layout):
        return
    ensure_directories(layout, make_account(NUMBERS[-1]))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("somebody's")
    (layout.path("files") / "link").symlink_to(elsewhere)
    os.link(elsewhere, layout.path("files") / "second-name")
    (layout.path("files") / "deep").mkdir()
    (layout.path("files") / "deep" / "page").write_text("x")
    for path in (layout.directory, *layout.directory.rglob("*")):
        os.chown(path, 0, 0, follow_symlinks=False)
    with pytest.raises(EngineUnavailable):
        read_owner(layout.path("secrets"))
    account = ensure_account(layout, shared=None, numbers=NUMBERS)
    hand_over(layout, account)
    ensure_directories(layout, account)
    for name in ("link", "second-name", "deep", "deep/page"):
        facts = (layout.path("files") / name).lstat()
        assert (facts.st_uid, facts.st_gid) == (account.uid, account.gid), name
    assert elsewhere.stat().st_uid == 0 and elsewhere.stat().st_nlink == 1
    assert (layout.path("files") / "second-name").read_text() == "somebody's"
    assert layout.directory.stat().st_gid == account.gid


def test_what_hides_under_the_account_ends_with_the_instance() -> None:
    with running_local_engine() as engine:
        spec = make_spec("saint-paul")
        engine.apply(spec)
        owner = read_owner(make_layout(engine.root, spec.identifier).path("secrets"))
        hidden = subprocess.Popen(
            [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
            if not IS_ROOT
            else ["/usr/bin/python3", "-S", "-c", "import time; time.sleep(600)"],
            user=owner.uid,
            group=owner.gid,
            extra_groups=[] if IS_ROOT else None,
            env={},
            cwd="/",
        )
        try:
            assert engine.delete(spec.identifier, keep_backups=False).remains == ()
            assert (hidden.wait(timeout=180) == -9) if IS_ROOT else hidden.poll() is None
        finally:
            hidden.kill()
            hidden.wait()
        assert ACCOUNTS.list_claims(engine.root) == []


def test_a_kept_backup_keeps_its_account() -> None:
    with running_local_engine() as engine:
        spec = make_spec("saint-paul")
        engine.apply(spec)
        layout = make_layout(engine.root, spec.identifier)
        (layout.path("backups") / BACKUP_ID).mkdir()
        before = ACCOUNTS.list_claims(engine.root)
        engine.delete(spec.identifier, keep_backups=True)
        assert ACCOUNTS.list_claims(engine.root) == before
        engine.delete(spec.identifier, keep_backups=False)
        assert ACCOUNTS.list_claims(engine.root) == []

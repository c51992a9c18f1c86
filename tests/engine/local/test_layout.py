"""Names cannot lead out of the root, and impossible roots are refused with what to do."""

import os
import stat
from pathlib import Path

import pytest

from domain.errors import CiviparoisseError, InvalidValue
from engine.local.accounts import Account, get_account
from engine.local.layout import (
    KEPT_DIRECTORIES,
    OWNED_DIRECTORIES,
    Layout,
    check_paths,
    check_reach,
    ensure_directories,
    list_backups,
    list_identifiers,
    make_layout,
)

NOBODY = Account(name="nobody", uid=65534, gid=65534)


@pytest.mark.parametrize("name", ["..", "a/b", "", ".hidden", "a" * 121, "a\n", "-"])
def test_a_job_name_is_one_path_component(name: str) -> None:
    with pytest.raises(InvalidValue):
        make_layout(Path("/r"), "saint-paul").job(name)


@pytest.mark.parametrize("name", ["..", "20261121T080000Z-5f3a9", "20261121T080000Z-5f3a9c/..", ""])
def test_a_backup_id_is_checked_before_it_is_a_path(name: str) -> None:
    with pytest.raises(InvalidValue):
        make_layout(Path("/r"), "saint-paul").backup_set(name)


@pytest.mark.parametrize("root", ['/tmp/a"b', "/tmp/a$b", "/tmp/a\nb", "/tmp/a%b", "/tmp/a:b"])
def test_a_root_that_configurations_cannot_hold_is_refused(root: str) -> None:
    with pytest.raises(CiviparoisseError) as raised:
        check_paths(Layout(root=Path(root), identifier="saint-paul"))
    assert raised.value.code == "path_unusable"


def test_a_root_the_account_cannot_enter_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "c"
    closed.mkdir(mode=0o700)
    with pytest.raises(CiviparoisseError) as raised:
        check_reach(Layout(root=closed, identifier="a"), NOBODY)
    assert raised.value.code == "path_unreachable"


def test_the_socket_may_have_107_bytes() -> None:
    ending = len("/run/0123456789ab/db.sock")
    check_paths(Layout(root=Path("/" + "r" * (106 - ending)), identifier="saint-paul"))
    with pytest.raises(CiviparoisseError) as raised:
        check_paths(Layout(root=Path("/" + "r" * (107 - ending)), identifier="saint-paul"))
    assert raised.value.code == "path_too_long"


def test_directories_have_their_modes_and_are_made_once(tmp_path: Path) -> None:
    layout = make_layout(tmp_path, "saint-paul")
    for _ in range(2):
        ensure_directories(layout, get_account("www-data"))
    modes = {name: stat.S_IMODE(layout.path(name).stat().st_mode) for name in os.listdir(layout.directory)}
    assert modes == {name: 0o750 for name in KEPT_DIRECTORIES} | {name: 0o700 for name in OWNED_DIRECTORIES}
    assert list_identifiers(tmp_path) == ["saint-paul"]


def test_a_set_without_manifest_is_not_a_backup(tmp_path: Path) -> None:
    layout = make_layout(tmp_path, "saint-paul")
    assert list_backups(layout) == ()
    assert list_identifiers(tmp_path) == []
    whole, half = "20261121T080000Z-5f3a9c", "20261122T080000Z-5f3a9c"
    for name in (whole, half, ".partial-20261123T080000Z-5f3a9c"):
        (layout.path("backups") / name).mkdir(parents=True)
    (layout.backup_set(whole) / "manifest.json").write_text("{}")
    assert list_backups(layout) == (whole,)


def test_the_longest_identifier_has_a_socket_path_as_short_as_any() -> None:
    paths = [Layout(root=Path("/state"), identifier=name).socket for name in ("x", "y" * 63)]
    assert len({len(str(path)) for path in paths}) == 1 and paths[0] != paths[1]

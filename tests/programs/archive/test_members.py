"""programs.archive.members: what may be extracted, and everything that may not."""

import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.archive.members import check_members, is_own_directory, move_link
from programs.run.failures import ProgramError
from tests.programs.archives import (
    END,
    HOSTILE,
    LEGITIMATE,
    OUTSIDE,
    make_directory,
    make_file,
    make_header,
    make_link,
    make_with_tar,
)
from tests.programs.parish import make_files

EXAMPLES = int(os.environ.get("RANDOM_POINTS", "6")) * 40


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_refused_and_its_member_named(what: str) -> None:
    archive, member = HOSTILE[what]
    with pytest.raises(ProgramError) as caught:
        check_members(io.BytesIO(archive))
    assert caught.value.code == "hostile_archive"
    assert member in caught.value.message
    assert member in str(caught.value.params["member"])


@pytest.mark.parametrize("what", OUTSIDE)
def test_a_link_that_leads_out_is_counted(what: str) -> None:
    archive, member = OUTSIDE[what]
    assert member.encode() in check_members(io.BytesIO(archive)).outside


def test_an_absolute_link_stays_inside_when_it_leads_into_the_tree() -> None:
    archive = LEGITIMATE + make_link(b"in", b"/srv/site/d/f") + make_link(b"out", b"/srv/site/../x") + END
    assert check_members(io.BytesIO(archive), root="/srv/site/").outside == (b"out",)
    assert check_members(io.BytesIO(archive), root="/srv/sit").outside == (b"in", b"out")
    assert move_link(b"/srv/site/d", origin="/srv/site", root="/srv/copy") == b"/srv/copy/d"
    assert move_link(b"/srv/sites", origin="/srv/site", root="/srv/copy") == b"/srv/sites"
    assert move_link(b"d", origin="", root="/srv/copy") == b"d"


def test_an_archive_of_too_many_members_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("programs.archive.members.MAX_MEMBERS", 3)
    check_members(io.BytesIO(LEGITIMATE + END))
    with pytest.raises(ProgramError, match="more than 3 members"):
        check_members(io.BytesIO(LEGITIMATE + make_file(b"one-more") + END))


def test_the_tree_of_a_parish_passes_with_its_counts(tmp_path: Path) -> None:
    make_files(tmp_path)
    for own in (".restore-20261121T080000Z-5f3a9c/half", ".restore-20261121T080000Z-5f3a9c", "lost+found"):
        path = tmp_path / own
        path.rmdir() if path.is_dir() else path.unlink()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ProgramError, match="pipe"):
        check_members(io.BytesIO(make_with_tar(tmp_path)))
    (tmp_path / "pipe").unlink()
    counts = check_members(io.BytesIO(make_with_tar(tmp_path)))
    entries = [path for path in tmp_path.rglob("*")]
    assert counts.members == len(entries) + 1
    assert counts.symlinks == 1
    assert counts.hardlinks == 1
    assert counts.bytes - counts.data_bytes == 64 * 1024 * 1024


@pytest.mark.parametrize(
    "archive",
    [
        make_link(b"l", b"d/f"),
        make_link(b"d/l", b"../d/f"),
        make_link(b"d/l", b".."),
        make_link(b"dangling", b"not/there"),
        make_link(b"l", b"m/f") + make_link(b"m", b"d"),
        make_link(b"h", b"d/f", typeflag=b"1"),
        make_link(b"l", b"d/f") + make_link(b"h", b"./l", typeflag=b"1"),
        make_directory(b"setgid") + make_header(b"suid", mode=0o6755),
        make_file(b"new\nline") + make_file(b"\xff\xfe") + make_file(b"..."),
        make_directory(b".restore-other") + make_directory(b"d/lost+found"),
        b"",
    ],
)
def test_what_a_site_may_hold_passes(archive: bytes) -> None:
    assert check_members(io.BytesIO(LEGITIMATE + archive + END)).members >= 3


def test_names_of_the_programs_are_told_from_those_of_a_site() -> None:
    own = [b".restore-20261121T080000Z-5f3a9c", b".trash-20261121T080000Z-5f3a9c", b"lost+found"]
    assert all(is_own_directory(name) for name in own)
    site = [b".restore-", b".trash-mine", b"lost+found2", b"x.trash-20261121T080000Z-5f3a9c", b"default"]
    assert not any(is_own_directory(name) for name in site)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=4096))
def test_bytes_that_are_no_archive_are_refused_in_order(data: bytes) -> None:
    with pytest.raises(ProgramError) as caught:
        check_members(io.BytesIO(data))
    assert caught.value.code == "hostile_archive"


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, len(LEGITIMATE) + len(END) - 1))
def test_an_archive_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises(ProgramError):
        check_members(io.BytesIO((LEGITIMATE + END)[:length]))

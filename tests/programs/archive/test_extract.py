"""programs.archive.extract: exactly the archive below one directory, and nothing elsewhere."""

import errno
import io
import os
import stat
import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.archive.extract import extract_tree
from programs.archive.members import check_members
from programs.archive.swap import delete_tree
from programs.run.failures import ProgramError
from tests.programs.archives import (
    END,
    HOSTILE,
    LEGITIMATE,
    OUTSIDE,
    extract_with_tar,
    make_directory,
    make_file,
    make_header,
    make_link,
    make_long,
    make_with_tar,
)
from tests.programs.parish import make_files
from tests.programs.trees import describe_tree

NOBODY = 0xFFFFFFFF
EXAMPLES = int(os.environ.get("RANDOM_POINTS", "6")) * 40


def make_origin(root: Path) -> bytes:
    """A small tree with every kind of entry, and its archive."""
    (root / "d/empty").mkdir(parents=True)
    (root / "d/f").write_bytes(b"0123456789" * 60)
    (root / "d/l").symlink_to("../d/f")
    os.link(root / "d/f", root / "h")
    (root / ("long" * 40)).write_bytes(b"x")
    (root / "k").symlink_to("d/" * 60 + "f")
    with (root / "s").open("wb") as file:
        for position in range(0, 1 << 20, 1 << 17):
            file.seek(position)
            file.write(b"data")
        file.truncate(1 << 20)
    os.chmod(root / "d", 0o2750)
    os.utime(root / "d/f", (1, 1))
    return make_with_tar(root)


@pytest.fixture(scope="module")
def archive() -> bytes:
    with tempfile.TemporaryDirectory() as home:
        return make_origin(Path(home))


def test_a_tree_comes_back_as_it_was(tmp_path: Path) -> None:
    origin, target = tmp_path / "origin", tmp_path / "target"
    origin.mkdir()
    target.mkdir()
    make_files(origin)
    for name in ("lost+found", ".restore-20261121T080000Z-5f3a9c"):
        (origin / name).rename(tmp_path / name)
    os.chmod(origin / "default", 0o555)
    os.chmod(origin / "default/settings.php", 0o444)
    os.chmod(origin / "default/files", 0o2775)
    os.utime(origin / "default/files", (10, 10))
    os.utime(origin / "sparse", (-10, -10))
    archive = make_with_tar(origin)
    counts = extract_tree(io.BytesIO(archive), str(target))
    assert describe_tree(target, with_root=True) == describe_tree(origin, with_root=True)
    assert counts == check_members(io.BytesIO(archive))
    assert os.stat(target / "default/files/hard").st_nlink == 2
    assert os.stat(target / "sparse").st_blocks == 0


def test_set_user_id_is_dropped_and_the_group_of_a_directory_stays(tmp_path: Path) -> None:
    setgid = make_header(b"shared/", typeflag=b"5", mode=0o6775)
    extract_tree(io.BytesIO(setgid + make_header(b"suid", mode=0o6755) + END), str(tmp_path))
    assert stat.S_IMODE(os.stat(tmp_path / "suid").st_mode) == 0o755
    assert stat.S_IMODE(os.stat(tmp_path / "shared").st_mode) == 0o2775


def test_a_link_that_is_already_there_is_not_followed(tmp_path: Path) -> None:
    outside, target = tmp_path / "outside", tmp_path / "target"
    outside.mkdir()
    target.mkdir()
    (target / "d").symlink_to("../outside")
    with pytest.raises(ProgramError) as caught:
        extract_tree(io.BytesIO(LEGITIMATE + END), str(target))
    assert caught.value.code == "extract_failed"
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_writes_nothing_outside(what: str, tmp_path: Path) -> None:
    target = tmp_path / "a/b/target"
    target.mkdir(parents=True)
    with pytest.raises(ProgramError) as caught:
        extract_tree(io.BytesIO(HOSTILE[what][0]), str(target))
    assert caught.value.code == "hostile_archive"
    assert [path.name for path in (*tmp_path.iterdir(), *target.parent.iterdir())] == ["a", "target"]
    assert not Path("/etc/evil").exists()


@pytest.mark.parametrize("what", OUTSIDE)
def test_a_link_that_leads_out_is_left_out(what: str, tmp_path: Path) -> None:
    archive, member = OUTSIDE[what]
    extract_tree(io.BytesIO(archive), str(tmp_path))
    assert not os.path.lexists(tmp_path / member)


def test_an_absolute_link_moves_with_its_tree(tmp_path: Path) -> None:
    archive = LEGITIMATE + make_link(b"in", b"/srv/site/d/f") + END
    extract_tree(io.BytesIO(archive), str(tmp_path), origin="/srv/site", root="/srv/copy")
    assert os.readlink(tmp_path / "in") == "/srv/copy/d/f"


def make_access_list(*, group: int, mask: int) -> bytes:
    """An access control list that lets account 33 read and write."""
    entries = [(1, 7, NOBODY), (2, 6, 33), (4, group, NOBODY), (0x10, mask, NOBODY), (0x20, 0, NOBODY)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@pytest.mark.parametrize("form", ["pax", "gnu"])
def test_what_gnu_tar_keeps_comes_back(form: str, tmp_path: Path) -> None:
    origin, target = tmp_path / "origin", tmp_path / "target"
    origin.mkdir()
    target.mkdir()
    shared = origin / ("n" * 200)
    shared.write_text("x")
    os.link(shared, origin / "hard")
    (origin / "link").symlink_to("e" * 200)
    with (origin / "holes").open("wb") as file:
        for place in range(0, 60 << 20, 5 << 20):
            file.seek(place)
            file.write(b"data")
        file.truncate(64 << 20)
    access = make_access_list(group=5, mask=7)
    os.setxattr(shared, "system.posix_acl_access", access)
    os.setxattr(shared, "user.note", b"a=b\nc\0")
    os.utime(shared, ns=(1_700_000_000_123_456_789,) * 2)
    os.utime(origin / "link", ns=(-1_500_000_000,) * 2, follow_symlinks=False)
    extract_tree(io.BytesIO(make_with_tar(origin, form=form)), str(target))
    assert describe_tree(target) == describe_tree(origin)
    assert os.stat(target / "hard").st_ino == os.stat(target / shared.name).st_ino
    assert os.stat(target / "holes").st_blocks < 1000
    if form == "pax":
        assert os.getxattr(target / "hard", "system.posix_acl_access") == access
        assert os.getxattr(target / "hard", "user.note") == b"a=b\nc\0"
        assert os.stat(target / "hard").st_mtime_ns == 1_700_000_000_123_456_789
        assert os.lstat(target / "link").st_mtime_ns == -1_500_000_000


def test_the_mask_of_a_list_never_becomes_the_rights_of_the_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin, target = tmp_path / "origin", tmp_path / "target"
    origin.mkdir()
    target.mkdir()
    (origin / "shared").touch()
    os.setxattr(origin / "shared", "system.posix_acl_access", make_access_list(group=5, mask=7))
    archive = make_with_tar(origin)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "no attributes here")

    monkeypatch.setattr(os, "setxattr", refuse)
    notes: list[str] = []
    extract_tree(io.BytesIO(archive), str(target), notes=notes)
    assert stat.S_IMODE(os.stat(target / "shared").st_mode) == 0o750
    assert notes and notes[0].startswith("1 attributes")


def test_a_very_deep_tree_fits_in_few_handles(tmp_path: Path) -> None:
    names = [b"/".join([b"d" * 20] * depth) for depth in range(1, 4)]
    extract_tree(io.BytesIO(b"".join(make_directory(name) for name in names) + END), str(tmp_path))
    assert (tmp_path / os.fsdecode(names[-1])).is_dir()


def test_a_hard_link_to_a_symlink_is_the_same_symlink(tmp_path: Path) -> None:
    links = make_link(b"l", b"d/f") + make_link(b"h", b"l", typeflag=b"1")
    extract_tree(io.BytesIO(LEGITIMATE + links + make_file(b"z") + END), str(tmp_path))
    assert os.readlink(tmp_path / "h") == "d/f"


mutations = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), st.integers(0, 1 << 20), st.integers(0, 255)),
        st.tuples(st.just("drop"), st.integers(0, 1 << 11), st.integers(1, 4)),
        st.tuples(st.just("repeat"), st.integers(0, 1 << 11), st.integers(1, 4)),
        st.tuples(st.just("header"), st.integers(0, 1 << 20), st.integers(0, 255)),
    ),
    min_size=1,
    max_size=4,
)


def mutate(archive: bytes, changes: list[tuple[str, int, int]]) -> bytes:
    """Change bytes, drop or repeat blocks; "header" changes a header's byte and corrects its checksum."""
    data = bytearray(archive)
    for how, place, value in changes:
        if not data:
            break
        start = (place % max(1, len(data) // 512)) * 512
        if how == "flip":
            data[place % len(data)] = value
        elif how == "drop":
            del data[start : start + 512 * value]
        elif how == "repeat":
            data[start:start] = data[start : start + 512 * value]
        else:
            headers = [at for at in range(0, len(data) - 511, 512) if data[at + 257 : at + 262] == b"ustar"]
            if headers:
                at = headers[place % len(headers)]
                data[at + (place // 7) % 500] = value
                data[at + 148 : at + 156] = b" " * 8
                data[at + 148 : at + 156] = b"%06o\0 " % sum(data[at : at + 512])
    return bytes(data)


@settings(max_examples=EXAMPLES, deadline=None, print_blob=True)
@given(changes=mutations)
def test_a_changed_archive_is_refused_or_means_what_gnu_tar_reads(
    archive: bytes, changes: list[tuple[str, int, int]]
) -> None:
    changed = mutate(archive, changes)
    with tempfile.TemporaryDirectory() as home:
        target, reference = Path(home, "target"), Path(home, "reference")
        target.mkdir()
        reference.mkdir()
        try:
            check_members(io.BytesIO(changed))
            extract_tree(io.BytesIO(changed), str(target))
        except ProgramError as error:
            assert error.code in ("hostile_archive", "extract_failed", "no_space")
            assert sorted(path.name for path in Path(home).iterdir()) == ["reference", "target"]
            return
        assert extract_with_tar(changed, reference) == 0
        ours, theirs = describe_tree(target), describe_tree(reference)
        assert drop_stripped_bits(ours) == drop_stripped_bits(theirs)


def drop_stripped_bits(tree: dict[bytes, tuple[object, ...]]) -> dict[bytes, tuple[object, ...]]:
    """A tree without the mode bits that we drop on purpose."""
    return {
        path: tuple(
            item & (0o1777 if entry[0] == stat.S_IFDIR else 0o777) if index == 4 and isinstance(item, int) else item
            for index, item in enumerate(entry)
        )
        for path, entry in tree.items()
    }


@pytest.mark.parametrize("depth", [600, 2400])
def test_directories_in_directories_take_as_long_as_there_are(
    depth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in opened directories, since time depends on what else the machine does."""
    members = []
    for number in range(depth + 1):
        name = b"./" + b"d/" * number
        members.append(make_long(name) + make_directory(b"d/") if len(name) > 99 else make_directory(name))
    members.append(make_file(b"./last"))
    opened = 0
    really_open = os.open

    def count_and_open(*arguments: object, **options: object) -> int:
        nonlocal opened
        opened += 1
        return really_open(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", count_and_open)
    counts = extract_tree(io.BytesIO(b"".join(members) + END), str(tmp_path))
    monkeypatch.undo()
    assert counts.directories == depth + 1 and opened < 8 * depth
    delete_tree(tmp_path / "d")

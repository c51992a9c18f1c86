"""The copy of the programs is whole, readable by all, made once, and follows the sources."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.errors import CiviparoisseError
from engine.local.image import ensure_image, ensure_tool, find_python


def make_sources(tmp_path: Path) -> Path:
    package = tmp_path / "sources" / "programs"
    (package / "deep").mkdir(parents=True)
    (package / "a.py").write_text("A = 1\n")
    (package / "deep" / "b.sql").write_text("SELECT 1;\n")
    (package / "deep" / "b.pyc").write_bytes(b"x")
    return package


def test_the_copy_is_whole_and_read_only(tmp_path: Path) -> None:
    make_sources(tmp_path)
    image = ensure_image(tmp_path, "programs", tmp_path / "sources")
    found = sorted(path.relative_to(image).as_posix() for path in image.rglob("*") if path.is_file())
    assert found == ["programs/a.py", "programs/deep/b.sql"]
    for path in image.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o444)


def test_changed_sources_make_another_image_and_keep_the_first(tmp_path: Path) -> None:
    package = make_sources(tmp_path)
    first = ensure_image(tmp_path, "programs", tmp_path / "sources")
    assert ensure_image(tmp_path, "programs", tmp_path / "sources") == first
    (package / "a.py").write_text("A = 2\n")
    second = ensure_image(tmp_path, "programs", tmp_path / "sources")
    assert (first / "programs" / "a.py").read_text() == "A = 1\n"
    assert (second / "programs" / "a.py").read_text() == "A = 2\n"


def test_many_at_once_make_one(tmp_path: Path) -> None:
    make_sources(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        images = set(pool.map(lambda _: ensure_image(tmp_path, "programs", tmp_path / "sources"), range(16)))
    assert len(images) == 1
    assert os.listdir(tmp_path / "image") == [images.pop().name]


def test_a_package_without_sources_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CiviparoisseError) as raised:
        ensure_image(tmp_path, "nothing", tmp_path)
    assert raised.value.code == "missing_program"


def test_the_python_can_be_executed() -> None:
    assert os.access(find_python(), os.X_OK)


def test_a_tool_in_a_closed_directory_is_copied_to_where_all_may_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed" / "bin"
    closed.mkdir(parents=True)
    (closed / "tool").write_text("#!/bin/sh\n")
    (closed / "tool").chmod(0o755)
    monkeypatch.setenv("PATH", str(closed))
    (tmp_path / "closed").chmod(0o700)
    path = Path(ensure_tool(tmp_path / "root", "tool"))
    if os.geteuid() == 0:
        assert path.parent == tmp_path / "root" / "image" and stat.S_IMODE(path.stat().st_mode) == 0o555
    assert path.read_text() == "#!/bin/sh\n" and ensure_tool(tmp_path / "root", "tool") == str(path)
    with pytest.raises(CiviparoisseError, match="another"):
        ensure_tool(tmp_path, "another")

"""programs.archive.hindrances: what an account cannot move or delete is named, and nothing else."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from programs.archive.hindrances import NOT_DELETABLE, NOT_MOVABLE, describe_hindrances, list_undeletable
from tests.programs.archive.test_swap import run_as
from tests.programs.workspace import Workspace

USER = 65534


@pytest.fixture
def volume() -> Iterator[Path]:
    """A tree that belongs to an ordinary user."""
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        root = Path(home, "volume")
        (root / "default/files/php").mkdir(parents=True)
        (root / "default/files/php/a.php").touch()
        (root / "default/settings.php").touch()
        (root / "top").touch()
        os.chmod(root / "default", 0o555)
        os.chmod(root / "default/settings.php", 0o400)
        subprocess.run(["chown", "-hR", f"{USER}:{USER}", str(root)], check=True, timeout=180)
        yield root
        subprocess.run(["chattr", "-R", "-ia", str(root)], check=False, capture_output=True, timeout=180)


def describe(root: Path) -> str:
    return run_as(USER, lambda: describe_hindrances("sites", root))


def test_a_tree_of_ones_own_has_none_whatever_its_modes(volume: Path) -> None:
    (volume / "default/root-s-file").touch()  # deleted by who may write in its directory
    (volume / "default/files/empty").mkdir()
    (volume / "dangling").symlink_to("nowhere")
    assert describe(volume) == "[]"


def test_a_directory_of_another_account_is_named_once_with_all_that_is_in_it(volume: Path) -> None:
    for name in ("twig", "twig/deep"):
        (volume / "default/files/php" / name).mkdir()
        (volume / "default/files/php" / name / "b.php").touch()
    assert describe(volume) == repr(
        [f"{NOT_DELETABLE}sites/default/files/php/twig (it is a directory of another account)"]
    )
    os.chown(volume / "default/files/php/twig", 0, USER)
    os.chmod(volume / "default/files/php/twig", 0o775)
    assert "php/twig " not in describe(volume) and "php/twig/deep " in describe(volume)
    os.chmod(volume / "default/files/php/twig", 0o700)
    os.chown(volume / "default/files/php/twig", 0, 0)
    assert "cannot be read" in describe(volume)


def test_what_stands_at_the_top_is_told_as_what_refuses_a_restore(volume: Path) -> None:
    (volume / "all_modules").mkdir()
    (volume / "all_modules/x").touch()
    assert describe(volume) == repr([f"{NOT_MOVABLE}sites/all_modules (it is a directory of another account)"])


@pytest.mark.parametrize("flag", ["+i", "+a"])
def test_frozen_files_and_directories_are_named_for_root_too(volume: Path, flag: str) -> None:
    for name in ("top", "default/settings.php", "default/files/php"):
        subprocess.run(["chattr", flag, str(volume / name)], check=True, timeout=180)
    wanted = [
        f"{NOT_MOVABLE}sites/top (it is immutable or append-only)",
        f"{NOT_DELETABLE}sites/default/files/php (it is immutable or append-only), "
        "sites/default/settings.php (it is immutable or append-only)",
    ]
    assert describe_hindrances("sites", volume) == wanted


def test_a_directory_where_only_owners_delete(volume: Path) -> None:
    (volume / "default/files/php/shared").mkdir()
    os.chmod(volume / "default/files/php/shared", 0o1777)
    (volume / "default/files/php/shared/of-root").touch()
    assert "php/shared/of-root (" in describe(volume)


def test_many_are_counted(volume: Path) -> None:
    for number in range(5):
        (volume / f"default/files/php/{number}").mkdir()
        (volume / f"default/files/php/{number}/x").touch()
    assert "php/2 (" in describe(volume) and "php/3" not in describe(volume) and ", and 2 more" in describe(volume)


def test_the_programs_own_directories_are_not_looked_into(volume: Path) -> None:
    (volume / ".trash-20261121T080000Z-5f3a9c/0").mkdir(parents=True)
    (volume / ".trash-20261121T080000Z-5f3a9c/0/x").touch()
    assert describe(volume) == "[]"


def test_a_tree_that_goes_away_meanwhile_hinders_nothing(volume: Path) -> None:
    found = list_undeletable(os.fsencode(volume))
    subprocess.run(["rm", "-rf", str(volume / "default")], check=True, timeout=180)
    assert list(found) == []


def test_a_backup_says_it_on_its_set(files_workspace: Workspace) -> None:
    frozen = files_workspace.files / "default/settings.php"
    subprocess.run(["chattr", "+i", str(frozen)], check=True, timeout=180)
    try:
        outcome = files_workspace.run("backup", BACKUP_ID="20261121T080000Z-5f3a9c")
    finally:
        subprocess.run(["chattr", "-i", str(frozen)], check=True, timeout=180)
    assert outcome.result is not None and outcome.result["ok"]
    assert any(text.startswith(f"{NOT_DELETABLE}sites/default/settings.php") for text in outcome.result["warnings"])

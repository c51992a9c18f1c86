"""Where the state is: said by a setting, else by a rule that no move of a checkout and no upgrade changes."""

from pathlib import Path

import pytest

from civiparoisse.keys import record_state_name
from civiparoisse.places import RECORD, compute_state_dir, list_checkout_states
from engine.local.layout import check_paths, make_layout

HOME = Path("/h")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a checkout is told by."""
    return make_checkout(tmp_path / "checkout")


def make_checkout(place: Path) -> Path:
    place.mkdir(parents=True)
    for name in ("pyproject.toml", "manage.py"):
        (place / name).touch()
    return place


def test_an_installed_manager_has_one_place_whatever_directory_it_lies_in() -> None:
    for packages in (Path("/opt/civiparoisse/lib/site-packages"), Path("/usr/lib/python3/dist-packages")):
        assert compute_state_dir(packages, is_root=True, home=HOME) == Path("/var/lib/civiparoisse")
        assert compute_state_dir(packages, is_root=False, home=HOME) == Path("/h/.local/state/civiparoisse")


@pytest.mark.parametrize(
    ("given", "parent"), [("/srv/state", "/srv/state"), ("", "/h/.local/state"), ("relative", "/h/.local/state")]
)
def test_the_users_state_directory_is_where_they_keep_it(given: str, parent: str) -> None:
    # Basedir specification: a path that is not absolute is ignored.
    place = compute_state_dir(Path("/opt/x"), is_root=False, home=HOME, state_home=given)
    assert place == Path(parent) / "civiparoisse"


def test_two_checkouts_never_share_a_place(tmp_path: Path) -> None:
    checkouts = [make_checkout(tmp_path / str(number)) for number in range(100)]
    places = {compute_state_dir(one, is_root=True, home=HOME) for one in checkouts}
    assert len(places) == 100 and Path("/var/lib/civiparoisse") not in places


def test_a_checkout_keeps_its_state_when_it_is_moved(checkout: Path) -> None:
    before = compute_state_dir(checkout, is_root=True, home=HOME)
    record_state_name(checkout, before.name)
    moved = checkout.rename(checkout.with_name("elsewhere"))
    assert compute_state_dir(moved, is_root=True, home=HOME) == before
    # What it has recorded once is not written over.
    record_state_name(moved, "civiparoisse-00000000")
    assert compute_state_dir(moved, is_root=True, home=HOME) == before


@pytest.mark.parametrize("text", ["", "civiparoisse-", "/etc", "civiparoisse-../../etc", "other-12345678", "\0"])
def test_a_record_that_is_none_of_ours_is_not_believed(checkout: Path, text: str) -> None:
    before = compute_state_dir(checkout, is_root=True, home=HOME)
    (checkout / RECORD).write_text(text)
    assert compute_state_dir(checkout, is_root=True, home=HOME) == before


def test_states_of_checkouts_are_found_where_they_hold_something(tmp_path: Path) -> None:
    (tmp_path / "civiparoisse-0a1b2c3d" / "keys").mkdir(parents=True)
    (tmp_path / "civiparoisse-11111111").mkdir()
    (tmp_path / "civiparoisse-22222222").mkdir()
    (tmp_path / "civiparoisse-22222222" / "manager.sqlite3").touch()
    (tmp_path / "civiparoisse" / "keys").mkdir(parents=True)
    (tmp_path / "other-33333333" / "keys").mkdir(parents=True)
    assert [path.name for path in list_checkout_states(tmp_path)] == ["civiparoisse-0a1b2c3d", "civiparoisse-22222222"]


def test_the_longest_socket_path_below_it_fits(tmp_path: Path) -> None:
    home = Path("/home") / ("u" * 32)
    deep = compute_state_dir(make_checkout(tmp_path / ("a" * 100)), is_root=False, home=home)
    check_paths(make_layout(deep / "local", "x" * 63))

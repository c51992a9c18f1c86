"""The state directory is one per checkout, outside it, and short enough for Unix sockets."""

from pathlib import Path

from civiparoisse.places import compute_state_dir
from engine.local.layout import check_paths, make_layout


def test_root_and_others_have_their_own_places() -> None:
    base = Path("/srv/checkout")
    assert compute_state_dir(base, is_root=True, home=Path("/h")).parent == Path("/var/lib")
    assert compute_state_dir(base, is_root=False, home=Path("/h")).parent == Path("/h/.local/state")


def test_two_checkouts_never_share_a_place() -> None:
    places = {compute_state_dir(Path(f"/srv/{n}"), is_root=True, home=Path("/h")) for n in range(100)}
    assert len(places) == 100


def test_the_longest_socket_path_below_it_fits() -> None:
    home = Path("/home") / ("u" * 32)
    deep = compute_state_dir(Path("/a" * 100), is_root=False, home=home)
    check_paths(make_layout(deep / "local", "x" * 63))

"""instance.json keeps what the manager wrote, holds the figures beside it, and is read by whoever knows only JSON."""

import json
from pathlib import Path

import pytest

from programs.run.failures import ProgramError
from programs.sets.state import is_known, make_state, read_set_figures, tell_figures

FIGURES = {"at": 5, "counts": {"contacts": {"count": 1, "last": 2}, "contributions": {"count": 0, "cents": -5}}}


def write(directory: Path, content: object) -> Path:
    path = directory / "instance.json"
    path.write_text(json.dumps(content))
    return path


def test_the_state_alone_is_kept_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b'{"b": 1,   "a": 2}\n')
    assert make_state(path, None) == path.read_bytes()
    assert make_state(None, None) is None


def test_figures_stand_beside_the_state(tmp_path: Path) -> None:
    made = make_state(write(tmp_path, {"identifier": "saint-paul"}), FIGURES)
    assert made is not None and json.loads(made) == {"identifier": "saint-paul", "figures": FIGURES}
    alone = make_state(None, FIGURES)
    assert alone is not None and json.loads(alone) == {"figures": FIGURES}
    (tmp_path / "instance.json").write_bytes(alone)
    assert read_set_figures(tmp_path) == FIGURES
    assert tell_figures(tmp_path) == {"figures": FIGURES}


def test_a_state_that_is_no_object_stays_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, ["x"])
    assert make_state(path, FIGURES) == path.read_bytes()


@pytest.mark.parametrize("data", [b"", b"{", b'{"a": 1, "a": 2}', b" " * (4 * 1024 * 1024 + 1)])
def test_what_is_no_document_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "state.json").write_bytes(data)
    with pytest.raises(ProgramError) as refused:
        make_state(tmp_path / "state.json", FIGURES)
    assert refused.value.code == "state_invalid"


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {"at": 5},
        {"at": "5", "counts": {}},
        {"at": True, "counts": {}},
        {"at": 5, "counts": []},
        {"at": 5, "counts": {"contacts": 3}},
        {"at": 5, "counts": {"contacts": {"last": 3}}},
        {"at": 5, "counts": {"contacts": {"count": 3.5}}},
        {"at": 5, "counts": {"contacts": {"count": True}}},
        {"at": 5, "counts": {"contacts": {"count": 3, "name": 1}}},
        {"at": 5, "counts": {"contacts": {"count": 1 << 63}}},
        {"at": 5, "counts": {"<b>": {"count": 3}}},
        {"at": 5, "counts": {f"x{'y' * number}": {"count": 3} for number in range(18)}},
        {"at": 5, "counts": {}, "more": 1},
    ],
)
def test_figures_of_another_shape_are_none(tmp_path: Path, wrong: object) -> None:
    assert not is_known(wrong)
    write(tmp_path, {"figures": wrong})
    assert read_set_figures(tmp_path) is None and tell_figures(tmp_path) == {}


def test_a_set_without_a_state_has_no_figures(tmp_path: Path) -> None:
    assert read_set_figures(tmp_path) is None
    write(tmp_path, {"identifier": "saint-paul"})
    assert read_set_figures(tmp_path) is None

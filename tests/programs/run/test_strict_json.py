"""programs.run.strict_json: one shape is accepted, every other is refused with its place."""

from dataclasses import dataclass
from typing import Any

import pytest

from programs.run.strict_json import StrictJsonError, decode, parse_json


@dataclass(frozen=True)
class Inner:
    """A leaf."""

    name: str


@dataclass(frozen=True)
class Outer:
    """Every kind of field."""

    number: int
    maybe: str | None
    inner: Inner
    several: list[Inner]
    named: dict[str, int]


GOOD: dict[str, Any] = {
    "number": 0,
    "maybe": None,
    "inner": {"name": "a"},
    "several": [{"name": "b"}],
    "named": {"x": 1},
}


def test_the_shape_is_read() -> None:
    assert decode(Outer, GOOD, where="it") == Outer(0, None, Inner("a"), [Inner("b")], {"x": 1})


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"number": -1}, "it.number"),
        ({"number": True}, "it.number"),
        ({"number": 1.0}, "it.number"),
        ({"number": "1"}, "it.number"),
        ({"maybe": 3}, "it.maybe"),
        ({"inner": {}}, "name"),
        ({"inner": {"name": "a", "more": 1}}, "more"),
        ({"inner": None}, "it.inner"),
        ({"several": {}}, "it.several"),
        ({"several": [{"name": 1}]}, "it.several[0].name"),
        ({"named": {"x": "y"}}, "it.named.x"),
        ({"extra": 1}, "extra"),
    ],
)
def test_another_shape_is_refused_with_its_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(StrictJsonError) as caught:
        decode(Outer, GOOD | change, where="it")
    assert place in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{", b'{"a":1,"a":2}', b"NaN", b"[Infinity]", b"\xff", b"[" * 100_000, b"1 2"])
def test_what_is_not_one_document_is_refused(data: bytes) -> None:
    with pytest.raises(StrictJsonError):
        parse_json(data)

"""A page read object by object holds what it holds when it is read whole, and what is no page is refused."""

import json
import random
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kubernetes.pages import read_items

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def read(data: bytes) -> tuple[list[dict[str, Any]], str]:
    """Return (objects, mark of the next page)."""
    items, reading = [], read_items(data)
    while True:
        try:
            items.append(next(reading))
        except StopIteration as end:
            return items, end.value


@settings(deadline=None)
@given(
    items=st.lists(st.dictionaries(st.text(), VALUES)),
    mark=st.text(),
    indent=st.sampled_from([None, 1]),
    first=st.booleans(),
)
def test_whatever_it_holds_arrives(items: list[Any], mark: str, indent: int | None, first: bool) -> None:
    page = {"kind": "List", "metadata": {"continue": mark}, "items": items}
    if first:
        page = {"items": items, **page}
    assert read(json.dumps(page, indent=indent, ensure_ascii=first).encode()) == (items, mark)


def test_without_objects_or_a_next_page_there_are_none() -> None:
    for page in ("{}", '{"items": null, "metadata": {}}', '{"items":[],"metadata":null}\n'):
        assert read(page.encode()) == ([], "")


def test_what_is_no_page_or_was_cut_is_refused() -> None:
    whole = json.dumps({"metadata": {"continue": "x"}, "items": [{"a": [1, 2]}, {"b": "c"}]}).encode()
    for cut in (*range(len(whole)), None):
        page = whole[:cut] if cut is not None else b"<html>\xff"
        with pytest.raises(ValueError):
            read(page)


def test_a_page_of_thousands_stands_in_memory_as_its_bytes_and_text() -> None:
    words = random.Random(1)
    item = {f"key{number}": {"name": str(words.random()), "list": [1, 2, 3]} for number in range(30)}
    data = json.dumps({"items": [item] * 3000}).encode()
    tracemalloc.start()
    try:
        assert sum(1 for _item in read_items(data)) == 3000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * len(data)

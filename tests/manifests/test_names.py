"""Names fit where they go, and two texts never become one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.names import LABEL, fit_name


@pytest.mark.parametrize("text", ["saint-paul", "a", "0", "x" * 63])
def test_a_name_stays_as_it_is(text: str) -> None:
    assert fit_name(text) == text


@pytest.mark.parametrize("text", ["Saint-Paul", "x" * 64, "é", "a_b", "-a", "a-", "", "a.b", "20261121T080000Z-5f3a9c"])
def test_anything_else_becomes_one_with_a_hash(text: str) -> None:
    assert fit_name(text) != text
    assert LABEL.fullmatch(fit_name(text))


@given(st.text(max_size=120), st.integers(10, 63))
def test_every_text_becomes_a_name_of_the_length(text: str, length: int) -> None:
    name = fit_name(text, length=length)
    assert len(name) <= length and LABEL.fullmatch(name)


@given(st.lists(st.text("aAbB-_é", min_size=1, max_size=80), min_size=2, max_size=20, unique=True))
def test_two_texts_never_share_a_name(texts: list[str]) -> None:
    assert len({fit_name(text) for text in texts}) == len(texts)

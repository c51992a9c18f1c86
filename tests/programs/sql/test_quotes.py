"""programs.sql.quotes: what is outside of strings is found as a reader that goes letter by letter finds it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from programs.sql.quotes import count_trailing_backslashes, select_outside

MARKS = b"();"
texts = st.text(alphabet="'\\();ab", max_size=40).map(str.encode)


def read_letters(text: bytes, *, inside: bool) -> tuple[bytes, bool]:
    """The same, letter by letter."""
    found, escaped = b"", False
    for letter in (text[n : n + 1] for n in range(len(text))):
        if escaped:
            escaped = False
        elif inside and letter == b"\\":
            escaped = True
        elif letter == b"'":
            inside = not inside
        elif not inside and letter in (b"(", b")", b";"):
            found += letter
    return found, inside


@given(text=texts)
@settings(max_examples=500, deadline=None)
def test_what_is_outside_of_strings_is_found(text: bytes) -> None:
    strings = b"'" + text.replace(b"\\", b"\\\\").replace(b"'", b"\\'") + b"'"
    for inside in (False, True):
        prefix = b"" if not inside else text.replace(b"\\", b"\\\\").replace(b"'", b"''") + b"',("
        whole = prefix + strings + b"(" + strings + b");'a"
        assert select_outside(whole, marks=MARKS, inside=inside) == read_letters(whole, inside=inside)


def test_a_text_without_quotes_stays_where_it_begins() -> None:
    assert select_outside(b"(1),(2)", marks=b"(", inside=False) == (b"((", False)
    assert select_outside(b"(1),(2)", marks=b"(", inside=True) == (b"", True)


def test_an_odd_number_of_backslashes_cuts_an_escape() -> None:
    assert [count_trailing_backslashes(text) for text in (b"", b"a", b"a\\", b"a\\\\", b"\\n\\\\\\")] == [0, 0, 1, 2, 3]

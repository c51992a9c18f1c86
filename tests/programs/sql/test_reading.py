"""programs.sql.reading: going on from token to token."""

import pytest

from programs.sql.reading import Reading, Refused
from programs.sql.tokens import list_readings


def begin(text: bytes) -> Reading:
    return Reading(list_readings(text, escapes=True, ansi=False)[0])


def test_words_are_taken_all_or_none() -> None:
    reading = begin(b"if not exists `t`")
    assert not reading.take_words("IF", "EXISTS") and reading.word == "IF"
    assert reading.take_words("IF", "NOT", "EXISTS") and reading.take_name() == "t" and reading.ended
    assert reading.shown == "its end" and reading.take_name() is None


def test_names_in_quotes_are_no_words() -> None:
    reading = begin(b"`select` x 'y' 'z' -5 =")
    assert reading.word is None and not reading.take_word("SELECT") and reading.identifier == "select"
    reading.skip()
    assert reading.is_word("X", "Y") and reading.take_any_word("Y", "X") == "X"
    assert not reading.take_plain() and reading.take_string() and reading.take_plain() and reading.take_mark("=")


def test_brackets_are_taken_whole() -> None:
    reading = begin(b"(a, (b), f(c)) d")
    assert b"".join(token.text for token, _ in reading.take_brackets()) == b"(A,(B),F(C))" and reading.word == "D"
    assert [following for token, following in begin(b"(f(x))").take_brackets() if token.text == b"F"] == [b"("]
    with pytest.raises(Refused):
        list(begin(b"(a").take_brackets())

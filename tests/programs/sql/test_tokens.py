"""programs.sql.tokens: the words of a statement, in every reading that a server may have of it."""

import pytest

from programs.sql.tokens import NotRead, list_readings


def read(text: bytes, *, escapes: bool = True, ansi: bool = False) -> list[list[bytes]]:
    return [[token.text for token in tokens] for tokens in list_readings(text, escapes=escapes, ansi=ansi)]


def test_blanks_and_comments_are_no_words() -> None:
    text = b"/*!50003 CREATE*/ /* a 'b */ table -- it's\n `x``y` # no\n('it''s' , \"q\")"
    assert read(text) == [[b"CREATE", b"TABLE", b"`x``y`", b"(", b"'it''s'", b",", b'"q"', b")"]]


def test_the_mode_decides_what_quotes_mean() -> None:
    assert read(b"'a\\'b'") == [[b"'a\\'b'"]] and read(b"'a\\'", escapes=False) == [[b"'a\\'"]]
    (tokens,) = list_readings(b'"a""b" `c``d` e \'f\'', escapes=True, ansi=True)
    assert [token.name for token in tokens] == ['a"b', "c`d", "e", None]


def test_text_for_some_versions_has_as_many_readings_as_there_are_sorts_of_servers() -> None:
    text = b"a /*!80023 b */ /*M!100616 c */ /*!100100 d */"
    readings = {tuple(words) for words in read(text)}
    assert (b"A",) in readings  # an old server of either vendor
    assert (b"A", b"B") in readings  # MySQL 8
    assert (b"A", b"D", b"C") not in readings and (b"A", b"C", b"D") in readings  # MariaDB: not what is MySQL's only
    assert (b"A", b"B", b"C") not in readings  # /*M! is a comment to MySQL


@pytest.mark.parametrize(
    "text",
    [b"'a", b"`a", b"a \\! ls", b"/*!99999 ' */ '", b"/*!80000 a /* b */ c */", b"/*!40000 a", b"a */",
     b"/*!80000 a", b"\x00",
     b"/*+ 'x */", b"/*!80000 a; b */"],
)  # fmt: skip
def test_what_cannot_be_read_with_certainty_is_not_read(text: bytes) -> None:
    with pytest.raises(NotRead):
        read(text)


def test_tokens_know_where_they_stand() -> None:
    text = b"CREATE /* x */ DEFINER=`a`@`b`"
    (tokens,) = list_readings(text, escapes=True, ansi=False)
    assert [text[token.start : token.end] for token in tokens] == [b"CREATE", b"DEFINER", b"=", b"`a`", b"@", b"`b`"]

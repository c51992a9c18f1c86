"""programs.sql.rows: literals and nothing else, the same whole and in pieces."""

import pytest

from programs.sql.rows import INSERT, RowsJudge
from programs.sql.tokens import NotRead

GOOD = [
    b"(1)",
    b"(1,-2,3.5,-0.25,1e20,-1.5e-10,1.5E+3,.5,NULL,'','a')",
    b"(1,'it\\'s (x), @y; NOW()'),(2,'b')",
    b"(1,'a'),\n(2,'b'),\n(NULL,'c')",
    b"(0x41FF00,0x,_binary 'a',_binary '',_binary 0x00,x'41',b'01',B'1')",
    b"('it''s','\\\\'),('\\\\\\'',NULL)",
]
BAD = [
    b"()", b"(1", b"(1),", b"1", b"(1)(2)", b"(1 2)", b"(1,,2)", b"(,1)", b"(1,)", b"(-)", b"(1-2)", b"(1+1)", b"((1))",
    b"(@x:='ANSI')", b"(@x)", b"(@@version)", b"(UUID())", b"(LOAD_FILE('/etc/passwd'))", b"((SELECT 1))", b"(a)",
    b"(NULL1)", b"(1NULL)", b"(NULL 'x')", b"('a' 'b')", b"(1'a')", b"('a'1)", b"(`a`)", b"(DEFAULT)", b"(0xZZ)",
    b"(ABC)", b"(1.2.3)", b"(1e)", b"(1) ON DUPLICATE KEY UPDATE a=1", b"(1) RETURNING a", b"('a') -- x", b"(1);(2)",
    b"(/* x */1)", b"('a\\')", b"(0x41.5)", b"(null)", b"(\"a\")", b"(_utf8'a')",
]  # fmt: skip


def judge(text: bytes, *, piece: int) -> int:
    rows = RowsJudge()
    ended = False
    for start in range(0, len(text), piece):
        ended = rows.feed(text[start : start + piece], last=start + piece >= len(text))
    if not ended:
        raise NotRead("inside of a string")
    return rows.rows


@pytest.mark.parametrize("text", GOOD)
@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_literals_pass_and_rows_are_counted(text: bytes, piece: int) -> None:
    assert judge(text, piece=piece) == text.replace(b"\\'", b"").count(b"),") - text.count(b"(x),") + 1


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_nothing_else_passes(text: bytes, piece: int) -> None:
    with pytest.raises(NotRead):
        judge(text, piece=piece)


def test_shapes_that_were_seen_make_no_other_pass() -> None:
    rows = RowsJudge()
    assert rows.feed(b"(1,'a'),(2,'b')", last=True) and rows.feed(b"(3,'c')", last=True) and rows.rows == 3
    with pytest.raises(NotRead):
        rows.feed(b"(3,UUID()),(2,'b')", last=True)


def test_a_semicolon_in_a_string_does_not_end_the_rows() -> None:
    rows = RowsJudge()
    assert not rows.feed(b"(1,'a", last=True)
    assert rows.feed(b";\nb')", last=True)


@pytest.mark.parametrize("text", [b"INSERT INTO `a``b` VALUES (", b"INSERT  IGNORE INTO `t` (`a`, `b`) VALUES\n("])
def test_an_insert_is_known_by_its_head(text: bytes) -> None:
    assert INSERT.match(text)


@pytest.mark.parametrize(
    "text", [b"INSERT INTO `a`.`b` VALUES (", b"INSERT INTO `t` SELECT (", b"REPLACE INTO `t` VALUES ("]
)
def test_other_statements_are_no_rows(text: bytes) -> None:
    assert not INSERT.match(text)

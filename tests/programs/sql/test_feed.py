"""programs.sql.feed: however a dump comes, the scanner sees the same."""

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.run.failures import ProgramError
from programs.sql import feed as sql_feed
from programs.sql.feed import TextFeeder
from programs.sql.text import DumpScanner

EXAMPLES = int(os.environ.get("RANDOM_POINTS", "6")) * 40
SAMPLES = Path(__file__).parents[1] / "samples"
HEAD = b"-- Current Database: `civicrm`\nCREATE TABLE `t` (\n  `a` int);\n"


def scan(text: bytes, *, sizes: list[int]) -> tuple[DumpScanner, list[tuple[str, bytes]]]:
    scanner = DumpScanner(("civicrm",))
    feeder, parts, position, turn = TextFeeder(scanner), [], 0, 0
    while position < len(text):
        size = sizes[turn % len(sizes)]
        parts += feeder.feed(text[position : position + size])
        position, turn = position + size, turn + 1
    parts += feeder.feed(b"")
    return scanner, parts


@pytest.mark.parametrize("name", ["mysql-8.0", "mysql-9.7"])
@pytest.mark.parametrize("size", [700, 1 << 20])
def test_chunks_change_nothing(name: str, size: int) -> None:
    text = gzip.decompress((SAMPLES / name / "civicrm.sql.gz").read_bytes())
    scanner, parts = scan(text, sizes=[size])
    whole = DumpScanner(("civicrm",))
    for line in text.splitlines(keepends=True):
        whole.feed(line)
    assert scanner.seen == whole.seen and scanner.completed and b"".join(part for _, part in parts) == text


def test_rows_on_their_own_lines_are_taken_together() -> None:
    rows = b",\n".join(b"(%d,'a),(b')" % number for number in range(10_000))
    scanner, parts = scan(HEAD + b"INSERT INTO `t` VALUES\n" + rows + b";\nUNLOCK TABLES;\n", sizes=[1 << 16])
    assert scanner.seen["civicrm"].tables == {"t": 10_000} and len(parts) < 20
    assert scanner.seen["civicrm"].longest_insert == len(b"INSERT INTO `t` VALUES\n" + rows + b";\n")


def take_none(_scanner: DumpScanner, _text: bytes, position: int) -> int:
    return position


ROWS = st.lists(
    st.sampled_from([b"(1)", b"(2,'a),(')", b"('it''s \\'(')", b"(NULL,'')", b"('\\\\')", b"(')", b"2)", b"", b"(1"]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(ROWS, st.lists(st.integers(1, 60), min_size=1, max_size=5), st.booleans())
def test_cut_rows_are_judged_as_line_by_line(rows: list[bytes], sizes: list[int], per_line: bool) -> None:
    joint = b",\n" if per_line else b","
    text = HEAD + b"INSERT INTO `t` VALUES" + (b"\n" if per_line else b" ") + joint.join(rows) + b";\nCOMMIT;\n"

    def outcome(pieces: list[int], *, together: bool) -> object:
        with pytest.MonkeyPatch.context() as patch:
            if not together:
                patch.setattr(DumpScanner, "take_rows", take_none)
            try:
                return scan(text, sizes=pieces)[0].seen
            except ProgramError as error:
                return error.message

    judged = outcome(sizes, together=True)  # strange rows: taken or refused, never another error
    if all(row.startswith(b"(") and row.endswith(b")") and row != b"(')" for row in rows):
        assert judged == outcome([1 << 20], together=True) == outcome(sizes, together=False)


def test_a_very_long_line_is_fed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_feed, "PIECE_BYTES", 1000)
    scanner, parts = scan(HEAD + b"INSERT INTO `t` VALUES ('" + b"x" * 50_000 + b"'),(2);\n", sizes=[300])
    assert scanner.seen["civicrm"].tables == {"t": 2} and max(len(part) for _, part in parts) < 2000

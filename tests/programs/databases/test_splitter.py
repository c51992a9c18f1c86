"""programs.databases.splitter: every file gets its own, with exact rows and defaults."""

from pathlib import Path

from programs.archive.stored import StoredReader, StoredWriter
from programs.databases.splitter import Corrections, Splitter
from programs.sql.text import HEADER, TRAILER

DEFINITION = [
    b"CREATE TABLE `a``b` (\n",
    b"  `v` varchar(9) DEFAULT 'it''s ?' COMMENT 'DEFAULT ''x''',\n",
    b") ENGINE=X;\n",
]


def read(path: Path) -> bytes:
    with StoredReader(path, codec="gzip") as reader:
        return reader.readall()


def test_the_header_and_the_trailer_go_to_all(tmp_path: Path) -> None:
    with StoredWriter(tmp_path / "one", codec="gzip") as one, StoredWriter(tmp_path / "two", codec="gzip") as two:
        splitter = Splitter({"one": one, "two": two})
        for section, piece in ((HEADER, b"h\n"), ("one", b"1\n"), ("two", b"2\n"), (TRAILER, b"t\n")):
            splitter.add(piece, section=section)
        assert set(splitter.finish()) == {"one", "two"}
    assert (read(tmp_path / "one"), read(tmp_path / "two")) == (b"h\n1\nt\n", b"h\n2\nt\n")


def test_the_rows_of_a_table_are_exchanged_once(tmp_path: Path) -> None:
    exact = b"INSERT INTO `t` (`v`) VALUES\n(1),\n(2);\n"
    (tmp_path / "exact").write_bytes(exact)
    corrections = Corrections({"civicrm": {"t": tmp_path / "exact"}}, {})
    pieces = [b"INSERT INTO `t` VALUES\n", b"(1.0),\n", b"(2.0);\n"]
    assert b"".join(part for piece in pieces for part in corrections.replace_rows("civicrm", "t", piece)) == exact
    assert list(corrections.replace_rows("civicrm", "other", b"(1);\n")) == [b"(1);\n"]
    assert corrections.longest == {"civicrm": len(exact)}


def test_a_default_is_corrected_on_the_line_of_its_column() -> None:
    corrections = Corrections({}, {"civicrm": {"a`b": {"v": "'it''s 😀'"}}})
    corrected = [corrections.correct_definition("civicrm", line) for line in DEFINITION]
    assert corrected[1] == "  `v` varchar(9) DEFAULT 'it''s 😀' COMMENT 'DEFAULT ''x''',\n".encode()
    assert [corrected[0], corrected[2]] == [DEFINITION[0], DEFINITION[2]]
    assert corrections.correct_definition("civicrm", DEFINITION[1]) == DEFINITION[1], "that table is over"
    assert Corrections({}, {}).correct_definition("civicrm", DEFINITION[1]) == DEFINITION[1]

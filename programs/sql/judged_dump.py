"""One reading of a dump for both who count its rows and objects and who judge its statements."""

import dataclasses
from dataclasses import dataclass, field
from typing import BinaryIO

from programs.run.failures import ProgramError
from programs.sql.feed import TextFeeder
from programs.sql.statements import Part, StatementReader
from programs.sql.text import DumpScanner


class ScannedText:
    """A dump's text for one reader (``read``), scanned as it passes."""

    def __init__(self, stream: BinaryIO, scanner: DumpScanner) -> None:
        self._stream = stream
        self._feeder = TextFeeder(scanner)

    def read(self, size: int) -> bytes:
        """Return the next bytes; b"" at their end."""
        chunk = self._stream.read(size)
        for _ in self._feeder.feed(chunk):
            pass
        return chunk


@dataclass(frozen=True)
class JudgedDump:
    """A dump that was read whole: its longest statement in bytes, what of it is not understood, the engines and
    definitions of its tables, the database's character set and collation, as it says them, all statements but rows when
    it is to be loaded, and who defines its objects."""

    longest_statement: int = 0
    refusals: list[ProgramError] = field(default_factory=list)
    engines: dict[str, str] = field(default_factory=dict)
    letters: str = ""
    definitions: dict[str, list[bytes]] = field(default_factory=dict)
    statements: list[Part] = field(default_factory=list)
    definers: set[str] = field(default_factory=set)


def judge_dump(lines: BinaryIO, scanner: DumpScanner, *, database: str, loaded: bool) -> JudgedDump:
    """Read a dump through the scanner and the judge of a restore. Raise ProgramError for a statement that does harm,
    and when it is to be ``loaded`` also for one that is not understood."""
    refusals: list[ProgramError] = []
    reader = StatementReader(ScannedText(lines, scanner), database=database, refusals=refusals)
    statements, definers = [], set()
    for part in reader:
        if part.verdict.kind != "rows":
            statements += [part] if loaded else []
            definers |= {part.verdict.definer[2]} if part.verdict.definer else set()
    for refusal in refusals:
        if loaded or refusal.code == "hostile_sql":
            raise refusal
    made = JudgedDump(reader.longest, refusals, reader.engines, reader.letters)
    return dataclasses.replace(made, statements=statements, definers=definers)

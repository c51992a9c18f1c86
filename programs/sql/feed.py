"""Chunks of a dump into what a scanner takes, as few pieces as can be: Python is slow by the piece, not by the byte."""

from collections.abc import Iterator

from programs.sql.text import DumpScanner

PIECE_BYTES = 1024 * 1024  # a longer line is fed in pieces


class TextFeeder:
    """Cuts text that comes in chunks into what a scanner takes: lines, pieces of very long ones, many rows at once."""

    def __init__(self, scanner: DumpScanner) -> None:
        self._scanner = scanner
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[tuple[str, bytes]]:
        """Let the scanner take in a chunk, the last one when it is empty. Yield (section, text) for each part of it.

        Raise ProgramError dump_malformed."""
        text, position = self._rest + chunk, 0
        while position < len(text):
            end = self._scanner.take_rows(text, position)
            if end == position:
                end = text.find(b"\n", position) + 1
                if end == 0:
                    if chunk and len(text) - position < PIECE_BYTES:
                        break
                    end = len(text)
                self._scanner.feed(text[position:end])
            yield self._scanner.section, text[position:end]
            position = end
        self._rest = text[position:]

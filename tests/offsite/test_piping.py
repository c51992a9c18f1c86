"""A stream between two: what is written is read, a failure of the writer is the reader's, and nobody hangs."""

import threading
from typing import IO

import pytest

from offsite.piping import piping


def test_what_is_written_is_read_however_much_it_is() -> None:
    with piping(lambda stream: stream.write(b"x" * 5_000_000) and None) as plain:
        assert len(plain.read()) == 5_000_000


def test_a_failure_of_the_writer_is_raised_at_the_end() -> None:
    def fail(stream: IO[bytes]) -> None:
        stream.write(b"half")
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"), piping(fail) as plain:
        assert plain.read() == b"half"


def test_a_reader_that_leaves_ends_the_writer() -> None:
    ended = threading.Event()

    def write(stream: IO[bytes]) -> None:
        try:
            while True:
                stream.write(b"x" * 65536)
        finally:
            ended.set()

    with piping(write) as plain:
        assert plain.read(10) == b"x" * 10
    assert ended.is_set()

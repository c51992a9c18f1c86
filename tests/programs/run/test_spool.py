"""programs.run.spool: a child whose output nobody reads goes on, and no byte is lost or out of its place."""

import os
import time

from programs.run.spool import Spool
from programs.run.streams import PIPE_BYTES, Child

NUMBERS = 700_000  # 4.8 MB: more than pipes hold
WAIT_SECONDS = 60


def read_all(spool: Spool) -> bytes:
    pieces = []
    while piece := spool.read(65536):
        pieces.append(piece)
    return b"".join(pieces)


def make_numbers() -> bytes:
    return b"".join(b"%d\n" % number for number in range(1, NUMBERS + 1))


def test_a_child_goes_on_while_nobody_reads_and_nothing_is_lost() -> None:
    with Child(["seq", str(NUMBERS)]) as child, Spool(child) as spool:
        begin = spool.read(10)
        with spool.held():
            # It can only end once everything but the last pipe's fill was taken off it.
            assert child.wait(timeout_seconds=WAIT_SECONDS) == 0 and not child.stalled
        assert begin + read_all(spool) == make_numbers()


def test_it_may_be_held_again_before_all_was_read() -> None:
    with Child(["seq", str(NUMBERS)]) as child, Spool(child) as spool:
        pieces = []
        for _ in range(3):
            before = spool._end
            with spool.held():
                deadline = time.monotonic() + WAIT_SECONDS
                while spool._end == before and time.monotonic() < deadline:
                    time.sleep(0.02)
            pieces.append(spool.read(1000))
        assert b"".join(pieces) + read_all(spool) == make_numbers()


def test_a_full_disk_lets_the_child_wait_and_loses_nothing() -> None:
    with Child(["seq", str(NUMBERS)]) as child, Spool(child) as spool:
        # A real one: every write fails with "no space left on device".
        with open("/dev/full", "r+b", buffering=0) as full:
            os.dup2(full.fileno(), spool._file.fileno())
        with spool.held():
            deadline = time.monotonic() + WAIT_SECONDS
            while not spool._over and time.monotonic() < deadline:
                time.sleep(0.02)
        assert 0 < len(spool._over) <= PIPE_BYTES
        assert read_all(spool) == make_numbers()

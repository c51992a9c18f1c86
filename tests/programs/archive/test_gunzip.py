"""programs.archive.gunzip: one verdict on every machine about what is, and what follows, compressed data."""

import gzip
import os
import subprocess

import pytest

from programs.archive.stored import make_decompressor

DATA = os.urandom(300_000) + bytes(3_000_000)


def run(stored: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(make_decompressor("gzip"), input=stored, capture_output=True, timeout=180, check=False)


def test_what_any_program_compressed_comes_back() -> None:
    for level in (1, 6, 9):
        done = run(gzip.compress(DATA, level))
        assert (done.returncode, done.stdout == DATA, done.stderr) == (0, True, b"")
    done = run(subprocess.run(["gzip", "-4", "-n", "-c"], input=DATA, capture_output=True, check=True).stdout)
    assert done.returncode == 0 and done.stdout == DATA
    assert run(gzip.compress(b"")).returncode == 0


AFTER = {
    "a byte": b"x",
    "a zero": b"\0",
    "zeros": bytes(600_000),
    "a head": b"\x1f\x8b",
    "a member": gzip.compress(b"more"),
    "an empty member": gzip.compress(b""),
}


@pytest.mark.parametrize("after", AFTER)
def test_what_follows_the_end_is_refused(after: str) -> None:
    done = run(gzip.compress(DATA) + AFTER[after])
    assert done.returncode == 1 and b"follows" in done.stderr


def test_what_is_cut_or_altered_is_refused() -> None:
    stored = gzip.compress(DATA)
    flipped = bytearray(stored)
    flipped[-6] ^= 1  # its sum
    for bad in (stored[:-1], stored[: len(stored) // 2], b"", b"no gzip at all", bytes(flipped)):
        done = run(bad)
        assert done.returncode == 1 and done.stderr.startswith(b"gunzip: ")

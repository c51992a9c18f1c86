"""Undo gzip from standard input to standard output: `python3 gunzip.py`, as a child of programs.archive.stored.

The programs gzip and pigz differ over what follows the end of the compressed data: one ignores it with a warning, the
other without. Here there is one verdict on every machine: exactly one member, and not a byte after it. Nothing but the
standard library is imported, so that it starts at once.
"""

import os
import sys
import zlib

CHUNK_BYTES = 1 << 18
PLAIN_BYTES = 1 << 20  # a thousand times more than was read may come out
GZIP = 31  # a window of 32 KiB, with gzip's head and sums (zlib's manual, inflateInit2)


def copy_plain(source: int, target: int) -> str | None:
    """Write the plain bytes of ``source`` to ``target``, both descriptors. Return what is wrong, None if nothing is."""
    inflater = zlib.decompressobj(GZIP)
    while data := os.read(source, CHUNK_BYTES):
        while data:
            if inflater.eof:
                return "something follows the end of the compressed data"
            try:
                plain = inflater.decompress(data, PLAIN_BYTES)
            except zlib.error as error:
                return str(error)
            write(target, plain)
            data = inflater.unused_data or inflater.unconsumed_tail
    # What the last input still holds comes out without more of it.
    while not inflater.eof and (plain := inflater.decompress(b"", PLAIN_BYTES)):
        write(target, plain)
    return None if inflater.eof else "unexpected end of file"


def write(target: int, data: bytes) -> None:
    """Write all of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(target, view) :]


def main() -> int:
    """Run; 0 when all went well."""
    try:
        wrong = copy_plain(0, 1)
    except BrokenPipeError:
        return 1
    if wrong is not None:
        sys.stderr.write(f"gunzip: {wrong}\n")
    return 0 if wrong is None else 1


if __name__ == "__main__":
    os._exit(main())

"""Archives for tests: legitimate ones by GNU tar, hostile ones byte by byte."""

import os
import subprocess
from pathlib import Path

BLOCK = 512
END = bytes(2 * BLOCK)
POSIX = b"ustar\x0000"


def make_number(value: int, width: int) -> bytes:
    """An octal field, or GNU's base 256 when it does not fit or is negative."""
    if 0 <= value < 8 ** (width - 1):
        return b"%0*o\0" % (width - 1, value)
    lead = 0x80 if value >= 0 else 0xFF
    return bytes([lead]) + (value % 256 ** (width - 1)).to_bytes(width - 1, "big")


def make_header(
    name: bytes,
    *,
    typeflag: bytes = b"0",
    size: int | bytes = 0,
    link: bytes = b"",
    mode: int = 0o644,
    tail: bytes = b"",
    magic: bytes = b"ustar  \0",
) -> bytes:
    """One block with a right checksum. `tail`: bytes from offset 345 on; `size` as bytes: the raw field."""
    raw = size if isinstance(size, bytes) else make_number(size, 12)
    fields = [name[:100].ljust(100, b"\0"), make_number(mode, 8), make_number(os.geteuid(), 8)]
    fields += [make_number(os.getegid(), 8), raw, make_number(1_700_000_000, 12), b" " * 8, typeflag]
    fields += [link[:100].ljust(100, b"\0"), magic, bytes(345 - 265), tail]
    block = b"".join(fields).ljust(BLOCK, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def pad(data: bytes) -> bytes:
    """Data up to the next block."""
    return data + bytes(-len(data) % BLOCK)


def make_file(name: bytes, data: bytes = b"data", **options: object) -> bytes:
    """A file with its data."""
    return make_header(name, size=len(data), **options) + pad(data)  # type: ignore[arg-type]


def make_directory(name: bytes) -> bytes:
    """A directory."""
    return make_header(name, typeflag=b"5", mode=0o755)


def make_link(name: bytes, target: bytes, *, typeflag: bytes = b"2") -> bytes:
    """A symbolic link, or with typeflag 1 a hard link."""
    return make_header(name, typeflag=typeflag, link=target)


def make_long(text: bytes, *, typeflag: bytes = b"L", end: bytes = b"\0") -> bytes:
    """GNU's long name (L) or long link target (K) for the next header."""
    return make_file(b"././@LongLink", text + end, typeflag=typeflag)


def make_pax(*records: tuple[bytes, bytes], typeflag: bytes = b"x") -> bytes:
    """An extended header."""
    lines = []
    for key, value in records:
        size = len(key) + len(value) + 3
        size += len(b"%d" % (size + len(b"%d" % size)))
        lines.append(b"%d %b=%b\n" % (size, key, value))
    return make_file(b"PaxHeaders/x", b"".join(lines), typeflag=typeflag, magic=POSIX)


def make_sparse(name: bytes, segments: list[tuple[int, int]], *, real: int, stored: int, more: bytes = b"") -> bytes:
    """A file with holes: at most 4 segments in its header; `more`: an extension block."""
    entries = b"".join(make_number(offset, 12) + make_number(length, 12) for offset, length in segments)
    tail = bytes(41) + entries.ljust(96, b"\0") + (b"\1" if more else b"\0") + make_number(real, 12)
    return make_header(name, typeflag=b"S", size=stored, tail=tail) + more + pad(bytes(stored))


def make_posix(name: bytes, data: bytes = b"data") -> bytes:
    """A file in the format that extended headers belong to."""
    return make_file(name, data, magic=POSIX)


def make_pax_sparse(name: bytes, text: bytes) -> bytes:
    """A file of 1 MiB with four bytes of data, its map of holes in front of them."""
    sparse = {b"major": b"1", b"minor": b"0", b"name": name, b"realsize": b"1048576"}
    records = [(b"GNU.sparse." + key, value) for key, value in sparse.items()]
    return make_pax(*records) + make_posix(b"GNUSparseFile/s", pad(text) + b"data")


LEGITIMATE = make_directory(b"./") + make_directory(b"./d/") + make_file(b"./d/f")
DEVICE = make_header(b"./null", typeflag=b"3", tail=b"")

# What is wrong -> (archive, the member that must be named).
HOSTILE: dict[str, tuple[bytes, str]] = {
    "absolute name": (LEGITIMATE + make_file(b"/etc/evil") + END, "/etc/evil"),
    "absolute long name": (make_long(b"/" + b"e" * 150) + make_file(b"e") + END, "/eee"),
    "dot dot": (LEGITIMATE + make_file(b"./d/../../evil") + END, "./d/../../evil"),
    "dot dot at the end": (LEGITIMATE + make_directory(b"./d/..") + END, "./d/.."),
    "dot dot in a prefix": (
        make_file(b"evil", magic=b"ustar\x0000", tail=b"..") + END,
        "../evil",
    ),
    "file through a symlink": (LEGITIMATE + make_link(b"l", b"d") + make_file(b"l/f") + END, "l/f"),
    "file in place of a symlink": (LEGITIMATE + make_link(b"l", b"d") + make_file(b"./l") + END, "./l"),
    "hard link out": (make_link(b"h", b"../../etc/passwd", typeflag=b"1") + END, "h"),
    "hard link absolute": (make_link(b"h", b"/etc/passwd", typeflag=b"1") + END, "h"),
    "hard link to a later file": (make_link(b"h", b"f", typeflag=b"1") + make_file(b"f") + END, "h"),
    "hard link to a directory": (LEGITIMATE + make_link(b"h", b"d", typeflag=b"1") + END, "h"),
    "hard link through a symlink": (
        LEGITIMATE + make_link(b"l", b"d") + make_link(b"h", b"l/f", typeflag=b"1") + END,
        "h",
    ),
    "hard link with contents": (
        make_file(b"f") + make_header(b"h", typeflag=b"1", link=b"f", size=4) + pad(b"evil") + END,
        "h",
    ),
    "character device": (make_header(b"null", typeflag=b"3") + END, "null"),
    "block device": (make_header(b"disk", typeflag=b"4") + END, "disk"),
    "fifo": (make_header(b"pipe", typeflag=b"6") + END, "pipe"),
    "duplicate": (make_file(b"a") + make_file(b"a") + END, "a"),
    "duplicate in other words": (make_file(b"a") + make_file(b"./a") + END, "./a"),
    "duplicate with slashes": (LEGITIMATE + make_file(b".//d/./f") + END, ".//d/./f"),
    "file as directory": (make_file(b"a") + make_file(b"a/b") + END, "a/b"),
    "directory that is not there": (make_file(b"x/b") + END, "x/b"),
    "NUL in the name": (make_file(b"good\0evil") + END, "good"),
    "NUL in the long name": (make_long(b"good\0evil") + make_file(b"good") + END, "evil"),
    "long name without end": (make_long(b"n" * 120, end=b"") + make_file(b"n") + END, "nnn"),
    "two long names": (make_long(b"a" * 120) + make_long(b"b" * 120) + make_file(b"a") + END, ""),
    "no name": (make_file(b"") + END, ""),
    "component too long": (make_long(b"n" * 256) + make_file(b"n") + END, "nnn"),
    "file with the name of a directory": (make_file(b"a/") + END, "a/"),
    "file in place of the root": (make_file(b"./.") + END, "./."),
    "unknown type": (make_header(b"odd", typeflag=b"Z") + END, "odd"),
    "contiguous file": (make_file(b"odd", typeflag=b"7") + END, "odd"),
    "volume header": (make_header(b"vol", typeflag=b"V") + END, "vol"),
    "pax path": (make_pax((b"path", b"../../evil")) + make_posix(b"good") + END, "../../evil"),
    "pax path with NUL": (make_pax((b"path", b"a\0b")) + make_posix(b"good") + END, "PaxHeaders/x"),
    "pax path twice": (make_pax((b"path", b"a"), (b"path", b"b")) + make_posix(b"good") + END, "PaxHeaders/x"),
    "two pax headers": (make_pax((b"path", b"a")) + make_pax((b"path", b"b")) + make_posix(b"good") + END, ""),
    "pax link of a file": (make_pax((b"linkpath", b"/etc")) + make_posix(b"good") + END, "good"),
    "pax hard link": (
        make_pax((b"linkpath", b"/etc/passwd")) + make_header(b"h", typeflag=b"1", link=b"x", magic=POSIX) + END,
        "h",
    ),
    "pax size": (make_pax((b"size", b"0")) + make_posix(b"good") + END, "PaxHeaders/x"),
    "pax size beyond": (make_pax((b"size", b"9" * 18)) + make_posix(b"good") + END, "good"),
    "pax sparse": (make_pax((b"GNU.sparse.name", b"/etc/evil")) + make_posix(b"good") + END, "PaxHeaders/x"),
    "pax sparse elsewhere": (make_pax_sparse(b"/etc/evil", b"1\n0\n4\n") + END, "/etc/evil"),
    "pax sparse that lies": (make_pax_sparse(b"s", b"1\n0\n400\n") + END, "s"),
    "pax sparse without end": (make_pax_sparse(b"s", b"99999999\n0\n4\n") + END, "s"),
    "pax sparse of no numbers": (make_pax_sparse(b"s", b"one\n0\n4\n") + END, "s"),
    "pax sparse that goes on": (make_pax_sparse(b"s", b"1\n0\n4\n7\n") + END, "s"),
    "pax charset": (make_pax((b"hdrcharset", b"BINARY")) + make_posix(b"good") + END, "PaxHeaders/x"),
    "pax owner's name": (make_pax((b"uname", b"root")) + make_posix(b"good") + END, "PaxHeaders/x"),
    "pax capability": (make_pax((b"SCHILY.xattr.security.capability", b"x")) + make_posix(b"f") + END, "PaxHeaders/x"),
    "pax that is none": (make_file(b"PaxHeaders/x", b"99 path=a\n", typeflag=b"x", magic=POSIX) + END, "PaxHeaders/x"),
    "pax in GNU's format": (make_file(b"PaxHeaders/x", b"9 path=a\n", typeflag=b"x") + END, ""),
    "global pax": (make_pax((b"path", b"evil"), typeflag=b"g") + make_file(b"good") + END, "PaxHeaders/x"),
    "negative size": (make_header(b"neg", size=-512) + END, "neg"),
    "huge size": (make_header(b"huge", size=1 << 62) + END, "huge"),
    "base-256 small size": (make_header(b"b256", size=b"\x80" + bytes(10) + b"\4") + pad(b"data") + END, "b256"),
    "size that is no number": (make_header(b"nan", size=b"12x45678901\0") + END, "nan"),
    "sparse beyond its size": (make_sparse(b"s", [(1 << 20, 512)], real=1024, stored=512) + END, "s"),
    "sparse that stores more": (make_sparse(b"s", [(0, 512)], real=4096, stored=1024) + END, "s"),
    "sparse out of order": (make_sparse(b"s", [(1024, 512), (0, 512)], real=4096, stored=1024) + END, "s"),
    "sparse overlapping": (make_sparse(b"s", [(0, 1024), (512, 512)], real=4096, stored=1536) + END, "s"),
    "sparse unaligned in the middle": (make_sparse(b"s", [(0, 100), (1024, 412)], real=4096, stored=512) + END, "s"),
    "sparse of a giant": (make_sparse(b"s", [(0, 512)], real=1 << 62, stored=512) + END, "s"),
    "symlink with contents": (make_header(b"l", typeflag=b"2", link=b"x", size=4) + pad(b"evil") + END, "l"),
    "file with a link target": (make_file(b"f", link=b"/etc/passwd") + END, "f"),
    "no end mark": (LEGITIMATE, "./d/f"),
    "half an end mark": (LEGITIMATE + bytes(BLOCK), "./d/f"),
    "cut in data": (LEGITIMATE + make_file(b"big", b"x" * 4096)[:2000], "big"),
    "cut in a header": (LEGITIMATE + make_file(b"f")[:100], "./d/f"),
    "garbage after the end": (LEGITIMATE + END + b"evil".ljust(BLOCK), "./d/f"),
    "archive after the end": (LEGITIMATE + END + make_file(b"evil") + END, "./d/f"),
    "member after a lone zero block": (LEGITIMATE + bytes(BLOCK) + make_file(b"evil") + END, "./d/f"),
    "wrong checksum": (LEGITIMATE + b"\1" + make_file(b"f")[1:] + END, "./d/f"),
    "old header": (make_file(b"v7", magic=bytes(8)) + END, "v7"),
    "empty": (b"", ""),
    "name of a running restore": (make_directory(b".restore-20261121T080000Z-5f3a9c") + END, ".restore-2026"),
    "name of a trash": (make_directory(b"./.trash-20261121T080000Z-5f3a9c/") + END, "./.trash-2026"),
}

# What leads out of the tree, or nowhere for sure -> (archive, the link that is left out).
OUTSIDE: dict[str, tuple[bytes, str]] = {
    "symlink absolute": (make_link(b"l", b"/etc/passwd") + END, "l"),
    "symlink up": (LEGITIMATE + make_link(b"d/l", b"../../x") + END, "d/l"),
    "symlink up through another": (
        LEGITIMATE + make_directory(b"d/e") + make_link(b"d/e/up", b"../..") + make_link(b"l", b"d/e/up/../x") + END,
        "l",
    ),
    "symlink up through a later one": (
        LEGITIMATE + make_link(b"l", b"d/up/../x") + make_link(b"d/up", b"..") + END,
        "l",
    ),
    "symlinks in a circle": (make_link(b"a", b"b/x") + make_link(b"b", b"a/x") + END, "a"),
    "hard link to a link that leads out from there": (
        LEGITIMATE
        + make_directory(b"d/e")
        + make_link(b"d/e/l", b"../../d")
        + make_link(b"h", b"d/e/l", typeflag=b"1")
        + END,
        "h",
    ),
}


def make_with_tar(directory: Path, *, form: str = "pax") -> bytes:
    """What GNU tar makes of a directory, as a backup does; those of older sets have the form gnu."""
    options = [f"--format={form}", "--sparse", "--numeric-owner"]
    if form == "pax":
        options += ["--pax-option=delete=atime,delete=ctime", "--xattrs", "--xattrs-include=*"]
    command = ["tar", "--create", "--file=-", *options, f"--directory={directory}"]
    return subprocess.run([*command, "."], check=True, capture_output=True, timeout=180).stdout


def extract_with_tar(archive: bytes, directory: Path) -> int:
    """Extract with GNU tar, return its exit code."""
    command = ["tar", "--extract", "--file=-", "--preserve-permissions", f"--directory={directory}"]
    return subprocess.run(command, input=archive, capture_output=True, timeout=180).returncode

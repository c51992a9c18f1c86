"""Fields of a tar header, read strictly: text, numbers, names, maps of holes; and the refusal that names a member."""

import re
from array import array

from programs.run.failures import ProgramError

BLOCK_BYTES = 512
OCTAL = re.compile(rb" *([0-7]+)[ \0]*")


def format_name(name: bytes) -> str:
    """Return a member name that is safe in a log line and in a message, shortened to 200 characters."""
    text = name.decode("utf-8", "backslashreplace")
    text = "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
    return text if len(text) <= 200 else text[:199] + "…"


def make_refusal(name: bytes, reason: str) -> ProgramError:
    """Return the error that names the member and says why the archive is refused."""
    shown = format_name(name)
    return ProgramError(
        code="hostile_archive",
        message=f"The archive is refused because of its member “{shown}”: {reason}.",
        hint="Nothing of it was used. Take another backup, and find out who wrote this one.",
        params={"member": shown, "reason": reason},
    )


def check_segments(segments: "array[int]", *, size: int, stored_bytes: int, name: bytes) -> None:
    """Refuse a map of holes unless it ascends, stays in the file, and holds exactly the stored bytes.

    Each segment starts on a block of the archive: only the last one with data may be of any length.
    """
    end = total = 0
    for index in range(0, len(segments), 2):
        offset, length = segments[index], segments[index + 1]
        if offset < end or offset + length > size or (length and total % BLOCK_BYTES):
            raise make_refusal(name, "its map of holes lies about the size or the order of its parts")
        end, total = offset + length, total + length
    if total != stored_bytes:
        raise make_refusal(name, "its map of holes lies about the bytes that are stored")


def parse_text(raw: bytes, name: bytes) -> bytes:
    """Return the text of a fixed field: up to the first NUL, with only NULs after it."""
    text, _, rest = raw.partition(b"\0")
    if rest.strip(b"\0"):
        raise make_refusal(name or text, "a name in its header goes on after a NUL")
    return text


def make_header_name(header: bytes, *, is_gnu: bool) -> bytes:
    """Return the name a header gives; only ustar has a prefix, GNU keeps other fields there."""
    name = parse_text(header[:100], b"")
    prefix = b"" if is_gnu else parse_text(header[345:500], name)
    return prefix + b"/" + name if prefix else name


def parse_number(raw: bytes, name: bytes, *, limit: int, may_be_negative: bool = False) -> int:
    """Return a numeric field: octal text, or GNU's base 256 where octal has not room enough.

    Raise ProgramError for another notation, a negative number, or one of ``limit`` or more.
    """
    octal = OCTAL.fullmatch(raw)
    if octal is not None:
        value = int(octal[1], 8)
    elif raw[0] in (0x80, 0xFF):
        value = int.from_bytes(raw[1:], "big") - (256 ** (len(raw) - 1) if raw[0] == 0xFF else 0)
        if 0 <= value < 8 ** (len(raw) - 1):
            raise make_refusal(name, "a number in its header is written in an unusual way")
    else:
        raise make_refusal(name, "a number in its header cannot be read")
    if value >= limit or value < (-limit if may_be_negative else 0):
        raise make_refusal(name, f"a number in its header is out of range ({value})")
    return value

"""What the texts and numbers that people type look like, as JSON Schema: the API's schema of what values.py accepts.

Patterns are read alike by Python and ECMAScript. A test keeps each in step with its parser, both ways.
"""

import sys
from collections.abc import Callable
from functools import cache
from itertools import groupby
from typing import Any

from domain.names import HOST_LENGTH, KIND_ENDINGS, RESERVED, RESERVED_PATTERN, SLUG_LENGTH
from domain.values import (
    ACCOUNT,
    APOSTROPHES,
    BLANKS,
    FOLDER,
    LOCAL_PART,
    MAIL_LENGTH,
    OPENING,
    PASSWORD_LENGTH,
    PUNCTUATION,
    VERP_LOCAL_PART,
    is_letter,
)

Look = dict[str, Any]
FLAG: Look = {"type": "boolean"}
PORT: Look = {"type": "integer", "minimum": 1, "maximum": 65535}
LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST = rf"({LABEL}\.)*(?![0-9]+$){LABEL}"
BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
SEPARATOR = "[ ./\u00a0\u202f-]*"


def make_line(length: int, *, required: bool) -> Look:
    """Return the look of what `values.parse_line` accepts."""
    letters, blanks = list_letters(), " " + "".join(map(chr, BLANKS))
    inside = letters + format_class(set(PUNCTUATION) | {chr(code) for code in (*APOSTROPHES, *BLANKS)})
    opening = letters + format_class(set(OPENING))
    text = f"[{blanks}]*[{opening}][{inside}]*"
    return _make_text(text if required else f"([{blanks}]*|{text})", length)


def make_mail(*, required: bool = True) -> Look:
    """Return the look of a mail address."""
    mail = rf"(?![^@]{{65}}){LOCAL_PART.pattern}@({LABEL}\.)+(?![0-9]+$){LABEL}"
    return _make_text(mail if required else f"({mail})?", MAIL_LENGTH)


def make_phone() -> Look:
    """Return the look of a telephone number, French or international, or of none."""

    def spaced(*parts: str) -> str:
        return SEPARATOR.join(("", *parts, ""))

    digits = f"(?:[0-9]{SEPARATOR})"
    country = spaced("3", "3", rf"(?:\({SEPARATOR}0{SEPARATOR}\)|0)?")
    french = spaced(rf"(?:(?:\+|0{SEPARATOR}0){country}|0)", "[1-9]", f"{digits}{{8}}")
    abroad = spaced(rf"(?:\+|0{SEPARATOR}0)", f"(?:3{SEPARATOR}[0-24-9]|[124-9]{SEPARATOR}[0-9])", f"{digits}{{6,13}}")
    return {"type": "string", "pattern": f"^(?:{french}|{abroad})?$"}


def make_host() -> Look:
    """Return the look of a server's name or IPv4 address, or of none."""
    return _make_text(rf"({HOST}|({BYTE}\.){{3}}{BYTE})?", HOST_LENGTH)


def make_account(length: int) -> Look:
    """Return the look of a mail account, or of none."""
    return _make_text(f"({ACCOUNT.pattern})?", length)


def make_folder(length: int) -> Look:
    """Return the look of an IMAP folder; empty: the default one."""
    return _make_text(f"({FOLDER.pattern})?", length)


def make_verp_localpart(length: int) -> Look:
    """Return the look of the beginning of a bounce address, or of none."""
    return _make_text(f"({VERP_LOCAL_PART.pattern})?", length)


def make_postcode() -> Look:
    """Return the look of a French post code."""
    return _make_text("[0-9]{5}", 5)


def make_slug() -> Look:
    """Return the look of a parish's sub-domain."""
    reserved = "|".join(sorted(RESERVED))
    endings = "|".join(KIND_ENDINGS)
    never = f"(?:{reserved}|{RESERVED_PATTERN.pattern})$|.*--|.*(?:{endings})$"
    return _make_text(f"(?!{never})[a-z0-9]([a-z0-9-]{{0,61}}[a-z0-9])?", SLUG_LENGTH)


def make_password() -> Look:
    """Return the look of a password, or of none: what is printable, no blank at either end."""
    return _make_text(f"([{list_printables()}]([ {list_printables()}]*[{list_printables()}])?)?", PASSWORD_LENGTH)


@cache
def list_letters() -> str:
    """Return the letters and digits of names, as ranges of a pattern's class."""
    return format_class({chr(code) for code in range(0x2000) if is_letter(chr(code))})


@cache
def list_printables() -> str:
    """Return what can be printed and is no blank, as ranges of a pattern's class."""
    codes = range(sys.maxunicode + 1)
    return format_class({chr(code) for code in codes if code != 0x20 and chr(code).isprintable()})


def format_class(characters: set[str]) -> str:
    """Return `characters` as the inside of a pattern's class."""
    codes = sorted(map(ord, characters))
    runs = [[code for _index, code in run] for _key, run in groupby(enumerate(codes), lambda pair: pair[1] - pair[0])]
    return "".join(_escape(run[0]) if len(run) == 1 else f"{_escape(run[0])}-{_escape(run[-1])}" for run in runs)


def _escape(code: int) -> str:
    character = chr(code)
    return f"\\{character}" if character in "\\]^-[" else character


def _make_text(pattern: str, length: int) -> Look:
    return {"type": "string", "pattern": f"^{pattern}$", "maxLength": length}


# Every parameter of a parish (parameters.py) -> what makes its look, which is not needed before somebody asks.
PARAMETER_LOOKS: dict[str, Callable[[], Look]] = {
    **{name: lambda: make_line(128, required=True) for name in ("name", "street")},
    **{name: lambda: make_line(64, required=True) for name in ("city", "civicrm_domain", "admin_name")},
    "street_number": lambda: make_line(16, required=False),
    "admin_description": lambda: make_line(128, required=False),
    "slug": make_slug,
    "postcode": make_postcode,
    "phone": make_phone,
    **dict.fromkeys(("drupal_site_mail", "civicrm_domain_mail", "admin_mail"), make_mail),
    "return_path": lambda: make_mail(required=False),
    **dict.fromkeys(("smtp_host", "imap_host"), make_host),
    **{name: lambda: PORT for name in ("smtp_port", "imap_port")},
    **{name: lambda: make_account(128) for name in ("smtp_user", "imap_user")},
    **dict.fromkeys(("smtp_password", "imap_password"), make_password),
    "imap_use_ssl": lambda: FLAG,
    "imap_folder": lambda: make_folder(64),
    "verp_localpart": lambda: make_verp_localpart(32),
}

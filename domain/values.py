"""Values that people type, judged at the door: they reach PHP, JSON, SQL, option files and shells.

Why so strictly: docs/traps.md#injection.

Every `parse_` takes the field's name and the value, and returns it as it is recorded; parsing that again changes
nothing. Raise InvalidValue with the field and a reason in the active language. What is accepted is listed, never what
is refused. Passwords alone may hold any printable character: what writes them must quote them.
"""

import ipaddress
import re
import unicodedata

from domain.errors import InvalidValue
from domain.names import is_host
from domain.texts import translate as _

PASSWORD_LENGTH = 128
MAIL_LENGTH = 254
# No quote, backslash, $, backtick, %, <, >, {, } or #; the rest means nothing inside quotes anywhere.
PUNCTUATION = frozenset(" -–—’.,:()/&+°«»")
# A first character that no program takes for an option, a file or a formula.
OPENING = frozenset("(«")
BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " "})
APOSTROPHES = str.maketrans({"'": "’", "‘": "’", "ʼ": "’"})
LOCAL_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*(\.[A-Za-z0-9_+-]+)*")
VERP_LOCAL_PART = re.compile(rf"{LOCAL_PART.pattern}\.?")
ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@=-]*")
FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*([ ./][A-Za-z0-9_-]+)*")
FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def refuse(field: str, reason: str) -> InvalidValue:
    """Return the error to raise. `reason`: already worded, without the value of a secret."""
    return InvalidValue(field=field, reason=reason)


def parse_line(field: str, value: object, *, length: int, required: bool = True) -> str:
    """Return a line of text: Latin letters with their accents (NFC), digits, blanks and a little punctuation.

    Straight apostrophes become ’ and no-break spaces blanks; blanks at both ends go, several in a row become one.
    Empty is accepted unless `required`. `length`: the most characters that are recorded.
    """
    text = unicodedata.normalize("NFC", _read_text(field, value)).translate(APOSTROPHES).translate(BLANKS)
    for character in text:
        if not (is_letter(character) or character in PUNCTUATION):
            raise refuse(field, _("the character %(character)s is not accepted.") % {"character": _show(character)})
    text = re.sub(" +", " ", text).strip(" ")
    if not text and required:
        raise refuse(field, _("is missing."))
    if text and not (is_letter(text[0]) or text[0] in OPENING):
        raise refuse(field, _("must begin with a letter or a digit."))
    return _limit(field, text, length)


def parse_mail(field: str, value: object, *, required: bool = True) -> str:
    """Return a mail address of the plain form: ASCII letters, digits and ._+- before the @, a host name with a dot
    after it, in lower case. Quoted local parts are refused; a domain with accents is given in its xn-- form."""
    text = _read_text(field, value)
    if not text and not required:
        return ""
    local, _at, domain = text.rpartition("@")
    domain = domain.lower() if domain.isascii() else domain
    if not LOCAL_PART.fullmatch(local) or len(local) > 64 or "." not in domain or not is_host(domain):
        raise refuse(field, _("is not a mail address like name@example.org."))
    return _limit(field, f"{local}@{domain}", MAIL_LENGTH)


def parse_phone(field: str, value: object, *, required: bool = False) -> str:
    """Return a telephone number in its international form. A French one (03 88 00 00 00, +33 (0)3.88…, 0033…) is
    grouped as «+33 3 88 00 00 00»; another is a + and 8 to 15 digits (ITU-T E.164)."""
    text = _read_text(field, value)
    if not text and not required:
        return ""
    bare = re.sub(r"[ .\-/\u00a0\u202f]", "", text)
    bare = re.sub(r"^00", "+", bare)
    french = re.fullmatch(r"(?:\+33(?:\(0\)|0)?|0)([1-9])([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})", bare)
    if french:
        return " ".join(("+33", *french.groups()))
    if re.fullmatch(r"\+(?!33)[1-9][0-9]{7,14}", bare):
        return bare
    raise refuse(field, _("is not a telephone number like 03 88 00 00 00 or +33 3 88 00 00 00."))


def parse_postcode(field: str, value: object) -> str:
    """Return a French post code: five digits."""
    text = _read_text(field, value)
    if not re.fullmatch(r"[0-9]{5}", text):
        raise refuse(field, _("is not a post code of five digits like 67000."))
    return text


def parse_host(field: str, value: object, *, required: bool = False) -> str:
    """Return a server's host name in lower case, or its IPv4 address."""
    text = _read_text(field, value)
    if not text and not required:
        return ""
    text = text.lower() if text.isascii() else text
    if not is_host(text) and not _is_ipv4(text):
        raise refuse(field, _("is not the name of a server like mail.example.org."))
    return text


def parse_port(field: str, value: object) -> int:
    """Return a TCP port: 1 to 65535, as a number or in digits."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,5}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 65535:
        raise refuse(field, _("is not a port: give a number from 1 to 65535."))
    return value


def parse_account(field: str, value: object, *, length: int) -> str:
    """Return the name of a mail account: ASCII letters, digits and ._+@=-. Empty means none."""
    text = _read_text(field, value)
    if text and not ACCOUNT.fullmatch(text):
        raise refuse(field, _("letters a to z, digits and . _ + @ = - only, a letter or a digit first."))
    return _limit(field, text, length)


def parse_folder(field: str, value: object, *, length: int) -> str:
    """Return the name of an IMAP folder in ASCII, its levels separated by a dot or a slash: INBOX/bounces."""
    text = _read_text(field, value)
    if not FOLDER.fullmatch(text):
        raise refuse(field, _("is not a folder like INBOX or INBOX/bounces (letters a to z, digits, - and _)."))
    return _limit(field, text, length)


def parse_verp_localpart(field: str, value: object, *, length: int) -> str:
    """Return what stands before the codes of a bounce address, e.g. civibounce+. Empty means the default."""
    text = _read_text(field, value)
    if text and not VERP_LOCAL_PART.fullmatch(text):
        raise refuse(field, _("is not the beginning of a mail address like civibounce+."))
    return _limit(field, text, length)


def parse_password(field: str, value: object) -> str:
    """Return a password unchanged: 1 to 128 printable characters, no blank at either end. Empty means none.

    It may hold quotes: what writes it anywhere must quote it. The reason never shows a character of it.
    """
    text = _read_text(field, value)
    if not text.isprintable():
        raise refuse(field, _("holds a character that cannot be printed, perhaps an end of line."))
    if text != text.strip():
        raise refuse(field, _("begins or ends with a blank."))
    return _limit(field, text, PASSWORD_LENGTH)


def parse_flag(field: str, value: object) -> bool:
    """Return a boolean, given as such or as true, false, yes, no, 1, 0."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in FLAGS:
        return FLAGS[value.lower()]
    raise refuse(field, _("give true or false."))


def _read_text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise refuse(field, _("is not a text; in a file, put it between quotes."))
    return value


def _limit(field: str, text: str, length: int) -> str:
    if len(text) > length:
        raise refuse(field, _("at most %(count)s characters.") % {"count": length})
    return text


def is_letter(character: str) -> bool:
    """Return whether it is an ASCII digit or a Latin letter, accents included (names are registered in Latin script).

    U+00C0-U+024F and U+1E00-U+1EFF hold them; category Lo there are the click letters, which look like punctuation.
    """
    if character.isascii():
        return character.isalnum()
    in_latin = "\u00c0" <= character <= "\u024f" or "\u1e00" <= character <= "\u1eff"
    return in_latin and unicodedata.category(character) in {"Lu", "Ll", "Lt"}


def _is_ipv4(text: str) -> bool:
    try:
        return str(ipaddress.IPv4Address(text)) == text
    except ValueError:
        return False


def _show(character: str) -> str:
    code_point = f"U+{ord(character):04X}"
    return f"“{character}” ({code_point})" if character.isprintable() else code_point

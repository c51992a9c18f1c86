"""What people write in a request, checked: never more than fits, and nothing that no keyboard writes."""

from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError, InvalidValue

WHY_LENGTH = 4000
TEXT_LENGTH = 2000
CHANNEL_LENGTH = 200
REFERENCE_LENGTH = 64
RATING_LENGTH = 1000


def read_text(field: str, value: str, *, length: int, is_needed: bool = False) -> str:
    """Return a text of some lines, without blanks around it. Raise InvalidValue."""
    text = "\n".join(str(value).splitlines()).strip()
    if is_needed and not text:
        raise InvalidValue(field=field, reason=_("write something here."), well_formed=True)
    if len(text) > length:
        raise InvalidValue(field=field, reason=_("at most %(count)s characters.") % {"count": length}, well_formed=True)
    if not all(sign.isprintable() or sign in "\n\t" for sign in text):
        raise InvalidValue(field=field, reason=_("this holds signs that cannot be shown."), well_formed=True)
    return text


def read_line(field: str, value: str, *, length: int, is_needed: bool = False) -> str:
    """Return a text of one line. Raise InvalidValue."""
    text = read_text(field, value, length=length, is_needed=is_needed)
    if "\n" in text or "\t" in text:
        raise InvalidValue(field=field, reason=_("one line only."), well_formed=True)
    return text


def read_said(text: str) -> str:
    """Return a line of the conversation on a request. Raise CiviparoisseError `request_text_invalid`."""
    try:
        return read_text("text", text, length=TEXT_LENGTH, is_needed=True)
    except InvalidValue as error:
        raise CiviparoisseError("request_text_invalid", length=TEXT_LENGTH) from error

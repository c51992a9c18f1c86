"""A refusal in words for the people of a parish: what they can do, and nothing of machines."""

import logging
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from domain.contact_texts import CONTACT_TEXTS
from domain.door_texts import DOOR_TEXTS
from domain.error_texts import TEXTS
from domain.errors import CiviparoisseError, InvalidValue
from domain.request_texts import REQUEST_TEXTS

log = logging.getLogger("parish_site")

# Written for whoever asks; what else is raised below is written for people who run machines.
FOR_PARISHES = DOOR_TEXTS.keys() | REQUEST_TEXTS.keys() | CONTACT_TEXTS.keys()


@dataclass(frozen=True, slots=True)
class Refusal:
    """`message`: what is wrong; `hint`: what to do, "" where the message says it; `status`: of the answer."""

    message: str
    hint: str
    status: int


def word_refusal(error: CiviparoisseError) -> Refusal:
    """Return `error` in the active language. One that was not written for parishes is logged, and told without its
    names."""
    status = TEXTS[error.code].status
    if isinstance(error, InvalidValue):
        return Refusal(capfirst(str(error.params["reason"])), "", status)
    if error.code in FOR_PARISHES:
        return Refusal(error.message, error.hint, status)
    log.warning("a parish was refused: %s", error.code)
    return Refusal(_("This is not possible at the moment."), _("Try again in some minutes, or call UEPAL."), status)

"""Texts of what cannot be done with problems and with those who are told: message, hint and HTTP status."""

from typing import Any

from domain.texts import mark as _

WATCH_TEXTS: dict[str, tuple[Any, ...]] = {
    "problem_ended": (
        _("The problem %(problem)s has ended."),
        _("Nobody is reminded of it any more: there is nothing to acknowledge."),
        409,
    ),
    "acknowledgement_invalid": (
        _("A problem is acknowledged for 1 to %(days)s days, with a reason of one line (%(length)s characters)."),
        _("Say what is done about it, and until when."),
        422,
    ),
    "recipient_address_invalid": (
        _("%(address)s is not an address that can be told: %(detail)s"),
        _("Give a mail address, or for a webhook an address that begins with https://."),
        422,
    ),
    "recipient_name_invalid": (
        _("%(recipient)s cannot be the name of a recipient."),
        _("Give one line of 1 to 80 characters that no other recipient has."),
        422,
    ),
    "recipient_unknown": (
        _("There is no recipient %(recipient)s."),
        _("recipient_list shows them."),
        404,
    ),
    "problem_unknown": (
        _("There is no problem %(problem)s."),
        _("problem_list shows what stands."),
        404,
    ),
    "notice_refused": (
        _("%(recipient)s cannot be told: %(detail)s"),
        _("Look at the address, and at the settings of mail (docs/watch.md)."),
        502,
    ),
    "mail_not_set": (
        _("Mail cannot be sent: no mail server is set."),
        _("Set CIVIPAROISSE_MAIL_HOST (docs/watch.md)."),
        503,
    ),
}

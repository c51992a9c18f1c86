"""Texts of what cannot be done with the contacts of a parish: message, hint and HTTP status."""

from typing import Any

from domain.texts import mark as _

CONTACT_TEXTS: dict[str, tuple[Any, ...]] = {
    "contact_name_invalid": (
        _("%(name)s cannot be the name of a contact."),
        _("Give one line of 1 to 80 characters."),
        422,
    ),
    "contact_mail_invalid": (
        _("%(mail)s is no mail address of a contact: %(detail)s"),
        _("Give the address as the person writes it, e.g. name@example.org."),
        422,
    ),
    "contact_exists": (
        _("%(tenant)s has a contact with the address %(mail)s already."),
        _("Change that contact, or remove it first: contact_list %(tenant)s"),
        409,
    ),
    "contact_has_no_role": (
        _("%(name)s would neither ask for anything nor be informed."),
        _("Choose at least one of the two."),
        422,
    ),
    "contact_file_invalid": (
        _("No contact was recorded; the file has faults (%(count)s):%(summary)s"),
        _("Correct them and try again; --dry-run looks without recording anything."),
        422,
    ),
    "contact_unknown": (
        _("%(tenant)s has no contact with the address %(mail)s."),
        _("contact_list shows them."),
        404,
    ),
    "contact_confirmed": (
        _("The address %(mail)s is confirmed already."),
        _("There is nothing to send."),
        409,
    ),
    "confirmation_just_sent": (
        _("A mail to confirm %(mail)s left a moment ago."),
        _("Wait two minutes, and look among unwanted mails too; then send it again."),
        409,
    ),
    "confirmation_invalid": (
        _("This link confirms nothing: it was used, replaced by a newer one, or is older than %(days)s days."),
        _("Ask UEPAL to send another one."),
        404,
    ),
}

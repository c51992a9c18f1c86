"""Keeps the contacts of parishes: who may ask and who is informed. An address counts once its owner has confirmed it.

UEPAL adds and removes them (administration, REST, commands). Each change is told to those who are informed already.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from domain.errors import CiviparoisseError
from parish_requests.models import ContactMail, ParishContact
from parish_requests.post import CONFIRMATION_PATH, LANGUAGE, NOTICE_LASTS, get_door_address, write_mail
from tenants.models import Tenant

MOST_NAME, MOST_MAIL = 80, 254
# A link to confirm an address works so long; UEPAL can send another one.
CONFIRMATION_DAYS = 7
# Between two mails to an address that has not answered: nobody's mailbox is filled by clicking.
PAUSE = timedelta(minutes=2)
CONFIRMATION = gettext_noop(
    "Hello %(name)s,\n\n"
    "UEPAL has recorded you as a contact of %(parish)s for its Civiparoisse. To confirm that this address is yours, "
    "open this page and press the button; the link works for %(days)s days:\n\n"
    "%(link)s\n\n"
    "If you do not know what this is about, do nothing: without your confirmation nothing happens."
)
ADDED = gettext_noop("UEPAL has added a contact of %(parish)s: %(name)s <%(mail)s>.")
REMOVED = gettext_noop("UEPAL has removed a contact of %(parish)s: %(name)s <%(mail)s>.")
UNWANTED = gettext_noop("If this surprises you, telephone UEPAL.")


def add_contact(
    tenant: Tenant, *, name: str, mail: str, may_ask: bool = True, is_informed: bool = True, by: str, now: datetime
) -> ParishContact:
    """Record a person of `tenant` and send the mail by which the address is confirmed; return the contact.

    `by`: the account that adds it. Raise CiviparoisseError: `contact_name_invalid`, `contact_mail_invalid`,
    `contact_exists` (this parish has that address), `contact_has_no_role` (neither asks nor is informed).
    """
    name, mail = check_contact(name=name, mail=mail, may_ask=may_ask, is_informed=is_informed)
    contact = ParishContact(
        tenant=tenant, name=name, mail=mail, may_ask=may_ask, is_informed=is_informed, created_by=by[:150]
    )
    try:
        with transaction.atomic():
            contact.save(force_insert=True)
            _send_confirmation(contact, now=now)
            _tell_informed(contact, ADDED, now=now)
    except IntegrityError:
        raise CiviparoisseError("contact_exists", tenant=tenant.slug, mail=mail) from None
    return contact


def check_contact(*, name: str, mail: str, may_ask: bool, is_informed: bool) -> tuple[str, str]:
    """Return name and address as they are kept. Raise CiviparoisseError as add_contact does."""
    name, mail = " ".join(name.split()), mail.strip().lower()
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise CiviparoisseError("contact_name_invalid", name=repr(name[:MOST_NAME]))
    try:
        if len(mail) > MOST_MAIL or not mail.isascii():
            raise ValidationError(_("it is too long, or has signs that no address has"))
        EmailValidator()(mail)
    except ValidationError as error:
        raise CiviparoisseError("contact_mail_invalid", mail=repr(mail[:MOST_MAIL]), detail=error.messages[0]) from None
    if not may_ask and not is_informed:
        raise CiviparoisseError("contact_has_no_role", name=name)
    return name, mail


def change_contact(contact: ParishContact, *, name: str, may_ask: bool, is_informed: bool) -> ParishContact:
    """Give a contact another name or another role; the address stays: another address is another contact. Raise
    CiviparoisseError as add_contact does."""
    contact.name, _mail = check_contact(name=name, mail=contact.mail, may_ask=may_ask, is_informed=is_informed)
    contact.may_ask, contact.is_informed = may_ask, is_informed
    contact.save(update_fields=["name", "may_ask", "is_informed"])
    return contact


def confirm_contact(secret: str, now: datetime) -> ParishContact:
    """Take the answer of an address: it is confirmed from now on; return the contact. Raise CiviparoisseError
    `confirmation_invalid` for a link that is unknown, used, replaced by a newer one, or too old."""
    waiting = ParishContact.objects.filter(
        confirmation_sha256=digest(secret),
        confirmed_at=None,
        confirmation_sent_at__gt=now - timedelta(days=CONFIRMATION_DAYS),
    )
    contact = waiting.select_related("tenant").first() if secret else None
    # One UPDATE decides: of two clicks at once one confirms.
    if contact is None or not waiting.filter(pk=contact.pk).update(confirmed_at=now, confirmation_sha256=""):
        raise CiviparoisseError("confirmation_invalid", days=CONFIRMATION_DAYS)
    contact.confirmed_at, contact.confirmation_sha256 = now, ""
    return contact


def resend_confirmation(contact: ParishContact, *, now: datetime) -> ParishContact:
    """Send the mail of confirmation again, with a new link; the one before opens nothing any more. Raise
    CiviparoisseError: `contact_confirmed`, `confirmation_just_sent` (one left less than two minutes ago)."""
    if contact.confirmed_at is not None:
        raise CiviparoisseError("contact_confirmed", mail=contact.mail)
    last = contact.confirmation_sent_at
    if last is not None and now - PAUSE < last <= now:
        raise CiviparoisseError("confirmation_just_sent", mail=contact.mail)
    with transaction.atomic():
        _send_confirmation(contact, now=now)
    return contact


def remove_contact(contact: ParishContact, *, now: datetime) -> None:
    """Remove a contact: sessions and links end at once, and what still waits to be sent to it is not sent (unless the
    address belongs to another contact too). The requests it made stay, with its name, until they are erased by rule."""
    with transaction.atomic():
        contact.delete()
        waiting = ContactMail.objects.filter(address=contact.mail, sent_at=None, given_up_at=None)
        if ParishContact.objects.filter(mail=contact.mail).exists():
            waiting = waiting.filter(request__tenant=contact.tenant_id)
        waiting.delete()
        _tell_informed(contact, REMOVED, now=now)


def get_contact(tenant: Tenant, mail: str) -> ParishContact:
    """Return the contact of `tenant` with that address. Raise CiviparoisseError `contact_unknown`."""
    contact = ParishContact.objects.select_related("tenant").filter(tenant=tenant, mail=mail.strip().lower()).first()
    if contact is None:
        raise CiviparoisseError("contact_unknown", tenant=tenant.slug, mail=mail.strip().lower())
    return contact


def list_informed(tenant: Tenant) -> QuerySet[ParishContact]:
    """Return the contacts of `tenant` that are told of each request: informed, and with a confirmed address."""
    return tenant.contacts.filter(is_informed=True, confirmed_at__isnull=False).order_by("pk")


def _send_confirmation(contact: ParishContact, *, now: datetime) -> None:
    """Send a new link, unless another one was sent, or the address confirmed, since `contact` was read."""
    secret = secrets.token_urlsafe(32)
    unchanged = ParishContact.objects.filter(
        pk=contact.pk, confirmed_at=None, confirmation_sha256=contact.confirmation_sha256
    )
    if not unchanged.update(confirmation_sha256=digest(secret), confirmation_sent_at=now):
        raise CiviparoisseError("confirmation_just_sent", mail=contact.mail)
    contact.confirmation_sha256, contact.confirmation_sent_at = digest(secret), now
    with override(LANGUAGE):
        named = {
            "name": contact.name,
            "parish": contact.tenant.name,
            "link": get_door_address(f"{CONFIRMATION_PATH}{secret}"),
            "days": CONFIRMATION_DAYS,
        }
        body = _(CONFIRMATION) % named
        write_mail(contact.mail, _("Please confirm your address"), body, is_secret=True, lasts=NOTICE_LASTS, now=now)


def _tell_informed(contact: ParishContact, sentence: str, *, now: datetime) -> None:
    """Tell the others who are informed that the contacts changed, so that a change that nobody wanted is noticed."""
    with override(LANGUAGE):
        named = {"name": contact.name, "mail": contact.mail, "parish": contact.tenant.name}
        body = f"{_(sentence) % named}\n\n{_(UNWANTED)}"
        for other in list_informed(contact.tenant).exclude(mail=contact.mail):
            write_mail(other.mail, _("The contacts of your parish have changed"), body, now=now)


def digest(secret: str) -> str:
    """Return what is kept of a secret: its SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()

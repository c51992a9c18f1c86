"""Makes, checks and tries those who are told."""

import ipaddress
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from domain.errors import CiviparoisseError
from watch.models import Message, MessageKind, Recipient, RecipientKind
from watch.notices.delivery import SENDERS
from watch.notices.webhooks import make_secret

MOST_NAME = 80


def check_address(kind: str, address: str) -> None:
    """Raise CiviparoisseError `recipient_address_invalid` unless `address` is one line that a message can go to: a mail
    address; for a webhook https, or http to this very machine."""
    if not address.isprintable() or address != address.strip():
        raise _refuse(repr(address), _("it has blanks around it or unseen signs"))
    if kind == RecipientKind.MAIL.value:
        try:
            EmailValidator()(address)
        except ValidationError as error:
            raise _refuse(address, error.messages[0]) from None
        return
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - a port that is none is refused here
    except ValueError as error:
        raise _refuse(address, str(error)) from None
    if not host or parts.username is not None or parts.fragment:
        raise _refuse(address, _("it needs a host, and no login"))
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_own(host)):
        raise _refuse(address, _("only https protects what is told"))


def _refuse(address: str, detail: str) -> CiviparoisseError:
    return CiviparoisseError("recipient_address_invalid", address=address, detail=detail)


def _is_own(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def prepare(recipient: Recipient) -> None:
    """Check a recipient before it is kept, and give a webhook that has none its secret. Raise CiviparoisseError."""
    check_address(recipient.kind, recipient.address)
    if recipient.kind == RecipientKind.WEBHOOK.value and not recipient.secret:
        recipient.secret = make_secret()


def send_test(recipient: Recipient, *, now: datetime) -> Message:
    """Send a test message at once, in the service's language as all others, and keep it as sent. Raise
    CiviparoisseError with the cause when it does not leave; nothing is kept then."""
    with override(settings.LANGUAGE_CODE):
        message = Message(
            recipient=recipient,
            kind=MessageKind.TEST,
            subject=_("Test message"),
            body=_("This message was asked for, to see whether it arrives. There is nothing to do."),
            created_at=now,
            due_at=now,
            sent_at=now,
        )
    SENDERS[recipient.kind](recipient, message)
    message.save()
    return message


def add_recipient(recipient: Recipient) -> Recipient:
    """Record somebody new. Raise CiviparoisseError: the address (`recipient_address_invalid`), the name
    (`recipient_name_invalid`: empty, too long, in use)."""
    prepare(recipient)
    name = recipient.name
    if not name or name != name.strip() or not name.isprintable() or len(name) > MOST_NAME:
        raise CiviparoisseError("recipient_name_invalid", recipient=repr(name))
    try:
        with transaction.atomic():
            recipient.save(force_insert=True)
    except IntegrityError:
        raise CiviparoisseError("recipient_name_invalid", recipient=name) from None
    return recipient

"""Sends one message as a mail: plain text, one recipient, by the server of the settings."""

from contextlib import suppress
from email.utils import parseaddr
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from domain.errors import CiviparoisseError
from watch.models import Message, Recipient


def send_mail(recipient: Recipient, message: Message) -> None:
    """Hand `message` to the mail server. Raise CiviparoisseError: no server is set (`mail_not_set`), or it does not
    take the message (`notice_refused`, with its code)."""
    if not settings.EMAIL_HOST:
        raise CiviparoisseError("mail_not_set")
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    connection = get_connection()
    mail = EmailMessage(
        connection=connection,
        subject=f"[Civiparoisse] {message.subject}",
        body=f"{message.body}\n\n-- \n{settings.PUBLIC_URL or 'Civiparoisse'}\n",
        to=[recipient.address],
        # The same over every try, so that a second one is known as such; and no machine answers a machine (RFC 3834).
        headers={"Message-ID": f"<{message.message_id}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except (SMTPException, OSError, ValueError) as error:
        # Servers write several lines, and some repeat the login: the class and the code tell enough.
        detail = (
            f"{type(error).__name__} {getattr(error, 'smtp_code', '') or getattr(error, 'strerror', '') or ''}".strip()
        )
        raise CiviparoisseError("notice_refused", recipient=recipient.name, detail=detail) from None
    finally:
        # A connection whose greeting failed is left open by the library.
        with suppress(SMTPException, OSError):
            connection.close()

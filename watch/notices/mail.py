"""Sends mails: plain text, one recipient each, by the server of the settings. For messages about problems, and for all
above that tell people something."""

from contextlib import suppress
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from domain.errors import CiviparoisseError
from watch.models import Message, Recipient


def send_mail(recipient: Recipient, message: Message) -> None:
    """Hand `message` to the mail server. Raise CiviparoisseError as hand_over does."""
    hand_over(
        address=recipient.address,
        name=recipient.name,
        subject=message.subject,
        body=f"{message.body}\n\n-- \n{settings.PUBLIC_URL or 'Civiparoisse'}\n",
        message_id=message.message_id,
    )


def hand_over(*, address: str, name: str, subject: str, body: str, message_id: str) -> None:
    """Hand one mail to the mail server. `name`: what its receiver is called in errors; `message_id`: the same over
    every try, so that a second one is known as such.

    Raise CiviparoisseError: no server is set (`mail_not_set`), or it does not take the mail (`notice_refused`, with its
    code).
    """
    if not settings.EMAIL_HOST:
        raise CiviparoisseError("mail_not_set")
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    connection = get_connection()
    mail = EmailMessage(
        connection=connection,
        subject=f"[Civiparoisse] {subject}",
        body=body,
        to=[address],
        # No machine answers a machine (RFC 3834).
        headers={"Message-ID": f"<{message_id}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except (SMTPException, OSError, ValueError) as error:
        raise CiviparoisseError("notice_refused", recipient=name, detail=_describe(error)) from None
    finally:
        # A connection whose greeting failed is left open by the library.
        with suppress(SMTPException, OSError):
            connection.close()


def _describe(error: Exception) -> str:
    """Return the class and the code of a failure: servers write several lines, and some repeat the login."""
    code = getattr(error, "smtp_code", "") or getattr(error, "strerror", "") or ""
    if isinstance(error, SMTPRecipientsRefused):
        code = ", ".join(sorted({str(refusal[0]) for refusal in error.recipients.values()}))
    return f"{type(error).__name__} {code}".strip()

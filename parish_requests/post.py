"""Writes mails to contacts of parishes: in French, plain text, with the reference and UEPAL's telephone. delivery.py
sends them."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from operations.doorbell import ring_task_on_commit
from parish_requests.models import ContactMail, RequestRules, RestoreRequest

LANGUAGE = "fr"
DELIVER_TASK = "parish_requests.deliver"
# Where parishes come in, below the address of this service; the addresses are those of package parish_site.
DOOR_PATH = "/paroisse/"
CONFIRMATION_PATH = f"{DOOR_PATH}confirmer/"
MOST_SUBJECT = 200
# What a mail tells is history after that; a link to sign in opens nothing any more.
NOTICE_LASTS, SIGN_IN_LASTS = timedelta(days=1), timedelta(minutes=15)


def write_mail(
    address: str,
    subject: str,
    body: str,
    *,
    request: RestoreRequest | None = None,
    is_secret: bool = False,
    lasts: timedelta | None = None,
    now: datetime,
) -> ContactMail:
    """Record one mail to `address`, which leaves within seconds; part of the caller's transaction.

    `is_secret`: it holds a link to sign in or to confirm: its text is removed once it was sent or given up.
    `lasts`: for so long it is tried; None for a day, for secrets a quarter of an hour, as links to sign in open.
    """
    lasts = lasts or (SIGN_IN_LASTS if is_secret else NOTICE_LASTS)
    ring_task_on_commit(DELIVER_TASK)
    with override(LANGUAGE):
        return ContactMail.objects.create(
            message_id=f"mail-{secrets.token_hex(12)}",
            address=address,
            subject=" ".join(subject.splitlines())[:MOST_SUBJECT],
            body=f"{body.strip()}\n\n-- \n{_make_signature()}\n",
            request=request,
            is_secret=is_secret,
            created_at=now,
            due_at=now,
            useful_until=now + lasts,
        )


def get_door_address(path: str = DOOR_PATH) -> str:
    """Return the address of the parishes' site, or of `path` on it; the bare path where the service does not know its
    own address (`PUBLIC_URL`)."""
    return f"{settings.PUBLIC_URL}{path}"


def _make_signature() -> str:
    """Return who writes, how they are reached, and where the parishes' site is."""
    telephone = RequestRules.objects.order_by("pk").values_list("telephone", flat=True).first()
    lines = [_("UEPAL – Civiparoisse"), get_door_address()]
    if telephone:
        lines.insert(1, _("Telephone: %(telephone)s") % {"telephone": telephone})
    return "\n".join(lines)

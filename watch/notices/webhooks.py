"""Sends one message as a signed webhook (standardwebhooks.com: HMAC-SHA256 over identifier, time and body)."""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta

import requests
from django.utils import timezone

from domain.errors import CiviparoisseError
from watch.models import Message, Recipient

PREFIX = "whsec_"
SECRET_BYTES = 32
CONNECT_SECONDS, ANSWER_SECONDS = 5, 15
# For so long both secrets sign, so that the receiver can change over.
OVERLAP = timedelta(days=7)


def make_secret() -> str:
    """Return a new secret as the receiver types it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def rotate_secret(recipient: Recipient, *, now: datetime) -> str:
    """Give `recipient` a new secret and return it; the one before signs too for a week."""
    recipient.former_secret, recipient.former_until = recipient.secret, now + OVERLAP
    recipient.secret = make_secret()
    recipient.save(update_fields=["secret", "former_secret", "former_until"])
    return str(recipient.secret)


def sign(secret: str, *, message_id: str, seconds: int, body: bytes) -> str:
    """Return one signature of the header `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{message_id}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def send_webhook(recipient: Recipient, message: Message) -> None:
    """POST `message`. Raise CiviparoisseError `notice_refused` unless the answer is 2xx; a redirection is none."""
    body = json.dumps(
        {
            "type": message.kind,
            "id": message.message_id,
            "timestamp": message.created_at.isoformat(),
            "subject": message.subject,
            "data": message.document,
        },
        ensure_ascii=False,
    ).encode()
    now = timezone.now()
    known = [recipient.secret]
    if recipient.former_secret and recipient.former_until is not None and recipient.former_until > now:
        known.append(recipient.former_secret)
    seconds = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message.message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(
            sign(secret, message_id=message.message_id, seconds=seconds, body=body) for secret in known if secret
        ),
    }
    try:
        with requests.post(
            recipient.address,
            data=body,
            headers=headers,
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            allow_redirects=False,
            stream=True,  # nobody reads the answer's body, however long it is
        ) as answer:
            status = answer.status_code
    except requests.RequestException as error:
        raise CiviparoisseError("notice_refused", recipient=recipient.name, detail=type(error).__name__) from None
    if not 200 <= status < 300:
        raise CiviparoisseError("notice_refused", recipient=recipient.name, detail=f"HTTP {status}")

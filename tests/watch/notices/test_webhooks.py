"""A real receiver: what is signed, how secrets change over, what counts as received."""

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from domain.errors import CiviparoisseError
from tests.watch.rows import make_message_row, make_recipient_row
from tests.watch.servers import Receiver, serve_webhooks
from watch.models import Recipient
from watch.notices.webhooks import OVERLAP, make_secret, rotate_secret, send_webhook

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serve_webhooks() as served:
        yield served


@pytest.fixture
def hook(receiver: Receiver) -> Recipient:
    return make_recipient_row("desk", kind="webhook", address=receiver.url, secret=make_secret())


def is_signed(receiver: Receiver, secret: str) -> bool:
    """Judge the last post as standardwebhooks.com says, written apart from the product."""
    headers, body = receiver.posts[-1]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body.decode()}"
    key = base64.b64decode(secret.split("_", 1)[1])
    wanted = base64.b64encode(hmac.digest(key, content.encode(), hashlib.sha256)).decode()
    return any(part == f"v1,{wanted}" for part in headers["webhook-signature"].split(" "))


def test_it_is_signed_over_its_identifier_its_time_and_its_body(receiver: Receiver, hook: Recipient) -> None:
    message = make_message_row(hook, "é", now=timezone.now(), document={"begun": [{"check": "failed"}]})
    send_webhook(hook, message)
    headers, body = receiver.posts[0]
    assert is_signed(receiver, hook.secret) and not is_signed(receiver, make_secret())
    assert (
        headers["webhook-id"] == message.message_id
        and abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    )
    document = json.loads(body)
    assert document["id"] == message.message_id and document["data"] == message.document and document["subject"] == "é"
    assert hook.secret not in body.decode()


def test_both_secrets_sign_while_it_changes_over(receiver: Receiver, hook: Recipient) -> None:
    before, now = hook.secret, timezone.now()
    after = rotate_secret(hook, now=now)
    hook.refresh_from_db()
    send_webhook(hook, make_message_row(hook, now=now))
    assert before != after and is_signed(receiver, before) and is_signed(receiver, after)
    hook.former_until = now - timedelta(seconds=1)
    send_webhook(hook, make_message_row(hook, now=now))
    assert not is_signed(receiver, before) and is_signed(receiver, after) and timedelta(days=1) < OVERLAP


@pytest.mark.parametrize("status", [301, 307, 400, 404, 429, 500, 503])
def test_only_2xx_is_received(receiver: Receiver, hook: Recipient, status: int) -> None:
    receiver.status = status
    with pytest.raises(CiviparoisseError) as caught:
        send_webhook(hook, make_message_row(hook, now=timezone.now()))
    assert str(status) in caught.value.message and len(receiver.posts) == 1


def test_a_receiver_that_is_away_is_told_without_its_address(hook: Recipient) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        hook.address = f"http://127.0.0.1:{held.getsockname()[1]}/secret-path"
        with pytest.raises(CiviparoisseError) as caught:
            send_webhook(hook, make_message_row(hook, now=timezone.now()))
    assert "ConnectionError" in caught.value.message and "secret-path" not in caught.value.message

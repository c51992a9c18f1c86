"""Who can be told, and a test message that arrives or says why not."""

import pytest
from django.utils import timezone

from domain.errors import CiviparoisseError
from tests.watch.rows import make_recipient_row
from tests.watch.servers import Mailbox
from watch.models import Message, Recipient
from watch.notices.recipients import check_address, prepare, send_test

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("mail", "anne@example.org"),
        ("webhook", "https://desk.example.org/in?x=1"),
        ("webhook", "http://127.0.0.1:9000/in"),
        ("webhook", "http://localhost/in"),
        ("webhook", "http://[::1]:8/in"),
    ],
)
def test_what_can_be_told(kind: str, address: str) -> None:
    check_address(kind, address)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("mail", ""),
        ("mail", "anne"),
        ("mail", "anne@example.org\nBcc: x@example.org"),
        ("mail", "anne@example.org, marc@example.org"),
        ("mail", " anne@example.org"),
        ("webhook", "http://desk.example.org/in"),
        ("webhook", "http://127.0.0.1.example.org/"),
        ("webhook", "ftp://desk.example.org/"),
        ("webhook", "https://"),
        ("webhook", "https://user:pass@desk.example.org/"),
        ("webhook", "https://desk.example.org:99999/"),
        ("webhook", "https://desk.example.org/#x"),
        ("webhook", "desk.example.org"),
    ],
)
def test_what_cannot(kind: str, address: str) -> None:
    with pytest.raises(CiviparoisseError) as caught:
        check_address(kind, address)
    assert caught.value.code == "recipient_address_invalid"


def test_a_webhook_gets_a_secret_and_keeps_it() -> None:
    hook = Recipient(name="desk", kind="webhook", address="https://desk.example.org/")
    prepare(hook)
    first = hook.secret
    prepare(hook)
    assert first.startswith("whsec_") and hook.secret == first
    person = Recipient(name="anne", address="anne@example.org")
    prepare(person)
    assert not person.secret


def test_a_test_message_is_kept_when_it_has_left(mailbox: Mailbox) -> None:
    anne = make_recipient_row()
    send_test(anne, now=timezone.now())
    assert len(mailbox.mails) == 1 and Message.objects.get().sent_at is not None
    mailbox.refusal = "550 no"
    with pytest.raises(CiviparoisseError) as caught:
        send_test(anne, now=timezone.now())
    assert "550" in caught.value.message and Message.objects.count() == 1

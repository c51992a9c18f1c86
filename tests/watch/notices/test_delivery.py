"""Messages leave in order, are tried again for days, and none is lost or sent by two."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.watch.rows import make_message_row, make_recipient_row
from tests.watch.servers import Mailbox
from watch.models import Message
from watch.notices.delivery import GIVEN_UP_AFTER, KEPT, deliver_due
from watch.turns import take_turn

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def list_subjects(mailbox: Mailbox) -> list[str]:
    return [str(mail["Subject"]).removeprefix("[Civiparoisse] ") for mail in mailbox.mails]


def test_they_arrive_in_order_and_once(mailbox: Mailbox) -> None:
    now, anne = timezone.now(), make_recipient_row()
    for number in range(3):
        make_message_row(anne, f"n{number}", now=now)
    assert deliver_due(now=now) == 3 and deliver_due(now=now + MINUTE) == 0
    assert list_subjects(mailbox) == ["n0", "n1", "n2"]
    assert not Message.objects.filter(sent_at=None).exists()


def test_a_server_that_is_away_for_a_day_delays_and_loses_nothing(mailbox: Mailbox) -> None:
    now, anne, marc = timezone.now(), make_recipient_row(), make_recipient_row("marc", address="marc@example.org")
    make_message_row(anne, "first", now=now)
    mailbox.refusal = "451 come back later"
    for minute in range(0, 24 * 60, 10):
        deliver_due(now=now + minute * MINUTE)
        if minute == 10:
            make_message_row(anne, "second", now=now + 10 * MINUTE)
    first, second = anne.messages.order_by("pk")
    tried = first.tries
    # Seldom enough to be a good neighbour, often enough to arrive within the hour; the second waits for the first.
    assert 20 <= tried <= 40 and second.tries == 0 and "451" in first.last_error
    mailbox.refusal = ""
    make_message_row(marc, "another's", now=now)
    for minute in range(24 * 60, 25 * 60 + 1, 10):
        deliver_due(now=now + minute * MINUTE)
    assert list_subjects(mailbox) == ["another's", "first", "second"]
    identifiers = [mail["Message-ID"] for mail in mailbox.mails]
    assert len(set(identifiers)) == 3 and first.message_id in identifiers[1]


def test_after_a_week_it_is_given_up_and_the_next_goes(mailbox: Mailbox) -> None:
    now, anne = timezone.now(), make_recipient_row()
    old = make_message_row(anne, "old", now=now - GIVEN_UP_AFTER - MINUTE)
    make_message_row(anne, "young", now=now)
    mailbox.refusal = "550 no such person"
    deliver_due(now=now)
    old.refresh_from_db()
    assert old.given_up_at == now and "550" in old.last_error
    mailbox.refusal = ""
    deliver_due(now=now + MINUTE)
    assert list_subjects(mailbox) == ["young"]


def test_quiet_hours_hold_back_one_message_and_not_the_next(mailbox: Mailbox) -> None:
    now, anne = timezone.now(), make_recipient_row()
    make_message_row(anne, "in the morning", now=now, due_at=now + timedelta(hours=8))
    make_message_row(anne, "now", now=now)
    deliver_due(now=now)
    assert list_subjects(mailbox) == ["now"]
    deliver_due(now=now + timedelta(hours=8))
    assert list_subjects(mailbox) == ["now", "in the morning"]


def test_another_worker_at_the_same_recipient_is_left_to_it(mailbox: Mailbox) -> None:
    now, anne = timezone.now(), make_recipient_row()
    make_message_row(anne, now=now)
    assert take_turn(f"recipient {anne.pk}", every=timedelta(0), now=now)
    assert deliver_due(now=now) == 0 and mailbox.mails == []
    # It died with it.
    assert deliver_due(now=now + timedelta(minutes=6)) == 1


def test_nobody_is_told_while_not_active_and_old_messages_go(mailbox: Mailbox) -> None:
    now, anne = timezone.now(), make_recipient_row(is_active=False)
    make_message_row(anne, now=now)
    make_message_row(anne, "history", now=now - KEPT - MINUTE, sent_at=now - KEPT)
    assert deliver_due(now=now) == 0 and mailbox.mails == []
    assert [message.subject for message in Message.objects.all()] == ["hello"]


def test_without_a_server_it_says_so(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    now, anne = timezone.now(), make_recipient_row()
    message = make_message_row(anne, now=now)
    deliver_due(now=now)
    message.refresh_from_db()
    assert message.tries == 1 and message.last_error and message.sent_at is None

"""Sends what is due, in order, and tries again for days: a server that is away delays messages, and loses none.

A worker that dies between sending and writing that down sends again: the message has the same identifier then.
"""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from domain.errors import CiviparoisseError
from watch.models import Message, Recipient, RecipientKind
from watch.notices.mail import send_mail
from watch.notices.webhooks import send_webhook
from watch.turns import end_turn, release_turn, take_turn

log = logging.getLogger("watch")

SENDERS = {RecipientKind.MAIL.value: send_mail, RecipientKind.WEBHOOK.value: send_webhook}
FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=1)
# After so long a message is history; the page tells what still stands.
GIVEN_UP_AFTER = timedelta(days=7)
# One slow recipient does not hold a worker for longer than its turn.
AT_ONCE = 10
# Messages are kept so long, for questions afterwards.
KEPT = timedelta(days=90)


def deliver_due(*, now: datetime) -> int:
    """Send every message that is due; return how many were taken."""
    waiting = Message.objects.filter(sent_at=None, given_up_at=None, due_at__lte=now)
    sent = 0
    for recipient in Recipient.objects.filter(is_active=True, pk__in=waiting.values("recipient")).order_by("pk"):
        turn = f"recipient {recipient.pk}"
        if not take_turn(turn, every=timedelta(0), now=now):
            continue
        try:
            sent += _deliver_to(recipient, now=now)
            end_turn(turn, now=now)
        except BaseException:
            release_turn(turn)
            raise
    Message.objects.filter(created_at__lt=now - KEPT).delete()
    return sent


def _deliver_to(recipient: Recipient, *, now: datetime) -> int:
    sent = 0
    for message in recipient.messages.filter(sent_at=None, given_up_at=None).order_by("pk")[:AT_ONCE]:
        if message.due_at > now:
            if message.tries:
                break  # the next waits for the one before
            continue  # quiet hours
        try:
            SENDERS[recipient.kind](recipient, message)
        except CiviparoisseError as error:
            _put_off(message, error, now=now)
            break
        Message.objects.filter(pk=message.pk).update(sent_at=timezone.now(), last_error="")
        sent += 1
    return sent


def _put_off(message: Message, error: CiviparoisseError, *, now: datetime) -> None:
    tries = message.tries + 1
    values: dict[str, object] = {"tries": tries, "last_error": error.message[:300]}
    if now - message.created_at > GIVEN_UP_AFTER:
        values["given_up_at"] = now
        log.error("%s is given up after %d tries: %s", message, tries, error)
    else:
        values["due_at"] = now + min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(tries - 1, 10))
        log.warning("%s is tried again: %s", message, error)
    Message.objects.filter(pk=message.pk).update(**values)

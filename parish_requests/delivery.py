"""Sends the mails to contacts that are due: each once, links to sign in first; after a failure again, ever later.

A worker claims a mail by one UPDATE that moves its due time; one that dies while it sends is followed five minutes
later, with the same identifier on the mail.
"""

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import Exists, F, OuterRef, QuerySet

from domain.errors import CiviparoisseError
from parish_requests.models import ContactMail
from watch.notices.mail import hand_over
from watch.turns import end_turn, release_turn, take_turn

log = logging.getLogger("parish_requests")

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
# So long before its end a mail is tried for the last time.
LAST_CHANCE = timedelta(minutes=1)
# Nobody sends one mail for longer (the server's answers are waited for settings.EMAIL_TIMEOUT each).
CLAIM = timedelta(minutes=5)
# Two send at a time: where one has died, or its server is slow, the other goes on; no third worker waits.
SENDERS = ("mails to contacts", "mails to contacts 2")
# A run ends after so many seconds, and after so many mails that failed one after the other: the server is away.
RUN_SECONDS = 20
MOST_FAILURES = 3
# Mails are kept so long, for questions afterwards.
KEPT = timedelta(days=90)


def deliver_due(*, now: datetime) -> int:
    """Send every mail that is due; return how many a server took."""
    for sender in SENDERS:
        if take_turn(sender, every=timedelta(0), now=now):
            try:
                sent = _deliver(now=now)
                end_turn(sender, now=now)
            except BaseException:
                release_turn(sender)
                raise
            return sent
    return 0


def _deliver(*, now: datetime) -> int:
    begun = monotonic()
    _give_up_secrets(now=now)
    ContactMail.objects.filter(created_at__lt=now - KEPT).delete()
    sent = failures = 0
    while failures < MOST_FAILURES and (passed := monotonic() - begun) < RUN_SECONDS:
        at = now + timedelta(seconds=passed)
        mail = _claim_next(at=at)
        if mail is None:
            break
        if _send(mail, at=at):
            sent, failures = sent + 1, 0
        else:
            failures += 1
    return sent


def select_due(*, at: datetime) -> QuerySet[ContactMail]:
    """Return the mails to send now, links to sign in first. What tells of a request waits for what told the same
    address of it before."""
    waiting = ContactMail.objects.filter(sent_at=None, given_up_at=None)
    earlier = waiting.filter(address=OuterRef("address"), request=OuterRef("request"), pk__lt=OuterRef("pk"))
    return waiting.filter(~Exists(earlier), due_at__lte=at).order_by("-is_secret", "due_at", "pk")


def _claim_next(*, at: datetime) -> ContactMail | None:
    """Return a mail that nobody else sends meanwhile, None where none is due."""
    while (mail := select_due(at=at).first()) is not None:
        unchanged = ContactMail.objects.filter(pk=mail.pk, sent_at=None, given_up_at=None, due_at=mail.due_at)
        if unchanged.update(due_at=at + CLAIM, tries=F("tries") + 1):
            mail.tries += 1
            return mail
    return None


def _send(mail: ContactMail, *, at: datetime) -> bool:
    """Hand one mail over, and write down what became of it; return whether a server took it. The log names neither
    address nor text."""
    row = ContactMail.objects.filter(pk=mail.pk)
    emptied = {"body": ""} if mail.is_secret else {}
    try:
        hand_over(
            address=mail.address, name=mail.address, subject=mail.subject, body=mail.body, message_id=mail.message_id
        )
    except CiviparoisseError as error:
        detail = str(error.params.get("detail") or error.code)
        values: dict[str, object] = {"last_error": detail[:300]}
        due_at = _find_next_try(mail, at=at)
        if due_at is None:
            values |= {"given_up_at": at, **emptied}
            log.error("%s is given up after %d tries: %s", mail.message_id, mail.tries, detail)
        else:
            values["due_at"] = due_at
            log.warning("%s is tried again: %s", mail.message_id, detail)
        row.update(**values)
        return False
    row.update(sent_at=at, last_error="", **emptied)
    return True


def _find_next_try(mail: ContactMail, *, at: datetime) -> datetime | None:
    """Return when a mail that failed at `at` is tried again, None where nobody would need it any more then. The last
    try is shortly before its end."""
    due_at: datetime = at + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(mail.tries - 1, 10))
    if mail.useful_until is None or due_at < mail.useful_until:
        return due_at
    last: datetime = mail.useful_until - LAST_CHANCE
    return last if last > at else None


def _give_up_secrets(*, now: datetime) -> None:
    """Give up links that open nothing any more, and empty them; nobody is sending them (their due time has come)."""
    over = ContactMail.objects.filter(sent_at=None, given_up_at=None, is_secret=True, due_at__lte=now)
    over.filter(useful_until__lte=now).update(given_up_at=now, body="")

"""A real mail server: TLS, refusals, greylisting, slowness, absence; each mail arrives once, and no secret stays."""

import logging
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from parish_requests import delivery
from parish_requests.delivery import CLAIM, KEPT, SENDERS, deliver_due, select_due
from parish_requests.models import ContactMail, RestoreRequest
from parish_requests.post import NOTICE_LASTS, SIGN_IN_LASTS, write_mail
from tests.rows import make_instance_row
from tests.watch.servers import Mailbox, make_certificate, serve_mail
from watch.models import Look
from watch.turns import take_turn

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LINK = "https://civiparoisse.example.org/paroisse/entrer/geheim-4711"


def write(subject: str = "hello", *, now: datetime, address: str = "jeanne@example.org", **values: Any) -> ContactMail:
    return write_mail(address, subject, values.pop("body", "text"), now=now, **values)


def make_request() -> RestoreRequest:
    row = make_instance_row()
    return RestoreRequest.objects.create(tenant=row.tenant, instance=row, wish="restore")


def list_subjects(mailbox: Mailbox) -> list[str]:
    return [str(mail["Subject"]).removeprefix("[Civiparoisse] ") for mail in mailbox.mails]


def deliver_for(duration: timedelta, *, begin: datetime, every: timedelta = MINUTE / 2) -> None:
    """Deliver as the clock asks for it, for so long."""
    for step in range(int(duration / every) + 1):
        deliver_due(now=begin + step * every)


def test_each_arrives_once_and_a_link_to_sign_in_first(mailbox: Mailbox) -> None:
    now = timezone.now()
    write("notice", now=now)
    write("link", now=now, body=LINK, is_secret=True)
    assert deliver_due(now=now) == 2 and deliver_due(now=now + MINUTE) == 0
    assert list_subjects(mailbox) == ["link", "notice"]
    assert LINK in mailbox.mails[0].get_content()
    link, notice = ContactMail.objects.get(subject="link"), ContactMail.objects.get(subject="notice")
    assert link.body == "" and notice.body and link.sent_at is not None and notice.sent_at is not None


def test_by_tls_with_a_login_and_never_without(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    context = make_certificate(tmp_path)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "127.0.0.1", True
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "manager", "geheim"
    mail = write(now=now)
    with serve_mail() as open_box:
        settings.EMAIL_PORT = open_box.port
        deliver_due(now=now)
    with serve_mail(context=context, account=("manager", "geheim")) as box:
        settings.EMAIL_PORT = box.port
        deliver_due(now=now + MINUTE)  # nobody vouches for its certificate
        assert open_box.mails == box.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        deliver_due(now=now + 10 * MINUTE)
    mail.refresh_from_db()
    assert len(box.mails) == 1 and mail.sent_at is not None and mail.tries == 3


def test_greylisted_it_arrives_at_the_next_try(mailbox: Mailbox) -> None:
    now = timezone.now()
    mailbox.greets_later = True
    mail = write(now=now, is_secret=True, body=LINK)
    assert deliver_due(now=now) == 0
    mail.refresh_from_db()
    assert "450" in mail.last_error and LINK in mail.body and now < mail.due_at <= now + MINUTE
    deliver_for(2 * MINUTE, begin=now)
    mail.refresh_from_db()
    assert list_subjects(mailbox) == ["hello"] and mail.body == "" and mail.last_error == ""


def test_a_slow_server_takes_it_once(mailbox: Mailbox, settings: Any) -> None:
    now = timezone.now()
    write("patient", now=now)
    mailbox.pause = 0.4
    assert deliver_due(now=now) == 1
    # Slower than anybody waits: it is away, as far as we can tell.
    settings.EMAIL_TIMEOUT, mailbox.pause = 0.2, 5
    late = write("late", now=now)
    assert deliver_due(now=now + SECOND) == 0
    late.refresh_from_db()
    assert "Timeout" in late.last_error or "Disconnected" in late.last_error
    settings.EMAIL_TIMEOUT, mailbox.pause = 20, 0
    deliver_for(10 * MINUTE, begin=now + MINUTE)
    assert list_subjects(mailbox) == ["patient", "late"]


def _deliver_apart(now: datetime) -> None:
    try:
        deliver_due(now=now)
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_mail_once(mailbox: Mailbox) -> None:
    now = timezone.now()
    mailbox.pause = 0.05
    for number in range(6):
        write(f"n{number}", now=now, address=f"a{number}@example.org")
    workers = [threading.Thread(target=_deliver_apart, args=(now,)) for _worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=180)
    deliver_for(10 * MINUTE, begin=now, every=MINUTE)
    assert sorted(list_subjects(mailbox)) == [f"n{number}" for number in range(6)]


def test_a_server_that_is_away_for_hours_delays_and_loses_nothing(mailbox: Mailbox) -> None:
    now, request = timezone.now(), make_request()
    write("first", now=now, request=request)
    mailbox.refusal = "451 come back later"
    deliver_for(timedelta(hours=8), begin=now, every=5 * MINUTE)
    write("second", now=now + 8 * HOUR, request=request)
    first = ContactMail.objects.get(subject="first")
    assert 6 <= first.tries <= 20 and "451" in first.last_error
    mailbox.refusal = ""
    deliver_for(timedelta(hours=2), begin=now + 8 * HOUR, every=5 * MINUTE)
    # What tells of a request waits for what told of it before.
    assert list_subjects(mailbox) == ["first", "second"]
    assert first.message_id in mailbox.mails[0]["Message-ID"]


@pytest.mark.parametrize("is_secret", [True, False])
def test_what_nobody_needs_any_more_is_given_up(mailbox: Mailbox, caplog: Any, *, is_secret: bool) -> None:
    now, lasts = timezone.now(), SIGN_IN_LASTS if is_secret else NOTICE_LASTS
    mailbox.unknown = "550 5.1.1 no such person"
    mail = write(now=now, body=LINK, is_secret=is_secret)
    with caplog.at_level(logging.DEBUG):
        deliver_for(lasts + MINUTE, begin=now, every=lasts / 60)
    mail.refresh_from_db()
    assert mail.given_up_at is not None and lasts * 0.9 <= mail.given_up_at - now <= lasts + MINUTE
    assert "550" in mail.last_error and 5 <= mail.tries <= 40 and bool(mail.body) is not is_secret
    told = "\n".join(record.getMessage() for record in caplog.records if record.name == "parish_requests")
    told += mail.last_error
    assert mail.message_id in told and "geheim" not in told and "jeanne@" not in told
    mailbox.unknown = ""
    deliver_for(MINUTE, begin=now + lasts + HOUR)
    assert mailbox.mails == []


def test_a_link_that_opens_nothing_any_more_is_not_sent_and_a_notice_is(mailbox: Mailbox) -> None:
    # The manager was down for two days.
    now = timezone.now()
    write("link", now=now, body=LINK, is_secret=True)
    write("notice", now=now)
    deliver_due(now=now + timedelta(days=2))
    assert list_subjects(mailbox) == ["notice"]
    assert ContactMail.objects.get(subject="link").body == ""


def test_a_worker_that_died_is_followed_and_others_go_on(mailbox: Mailbox) -> None:
    now = timezone.now()
    write("held", now=now)
    # One died with a sender's turn and a mail in its hands.
    assert take_turn(SENDERS[0], every=timedelta(0), now=now)
    held = delivery._claim_next(at=now)
    assert held is not None and held.tries == 1
    write("another", now=now)
    assert deliver_due(now=now + SECOND) == 1 and list_subjects(mailbox) == ["another"]
    assert deliver_due(now=now + CLAIM + SECOND) == 1
    assert list_subjects(mailbox) == ["another", "held"]
    assert held.message_id in mailbox.mails[1]["Message-ID"]


def test_with_both_senders_at_work_no_third_waits(mailbox: Mailbox) -> None:
    now = timezone.now()
    write(now=now)
    for sender in SENDERS:
        take_turn(sender, every=timedelta(0), now=now)
    assert deliver_due(now=now) == 0 and mailbox.mails == []


def test_a_run_ends_where_the_server_is_away_and_goes_back_to_the_others_later(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    now = timezone.now()
    for number in range(5):
        write(f"n{number}", now=now, address=f"a{number}@example.org")
    deliver_due(now=now)
    assert ContactMail.objects.filter(tries=1, last_error="mail_not_set").count() == delivery.MOST_FAILURES
    assert not Look.objects.filter(held_until__isnull=False).exists()
    deliver_due(now=now + SECOND)
    assert ContactMail.objects.filter(tries=1).count() == 5


def test_old_mails_go_and_a_removed_one_is_not_sent(mailbox: Mailbox) -> None:
    now = timezone.now()
    write("old", now=now - KEPT - MINUTE)
    ContactMail.objects.update(sent_at=now - KEPT)
    write("removed", now=now).delete()
    assert deliver_due(now=now) == 0 and mailbox.mails == [] and not ContactMail.objects.exists()


def test_what_is_due_is_found_in_one_query(django_assert_num_queries: Any) -> None:
    now, request = timezone.now(), make_request()
    for number in range(20):
        write(f"n{number}", now=now, request=request)
    with django_assert_num_queries(1):
        assert [mail.subject for mail in select_due(at=now)] == ["n0"]

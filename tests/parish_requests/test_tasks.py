"""Celery's door, called as a worker calls it."""

import pytest
from django.conf import settings
from django.utils import timezone

from parish_requests.models import ContactMail, RestoreRequest
from parish_requests.post import write_mail
from parish_requests.tasks import deliver_mails, run_advance, run_erase
from tests.parish_requests.cast import make_parish, make_sent
from tests.watch.servers import Mailbox

pytestmark = pytest.mark.django_db


def test_the_clock_asks_for_mails_within_seconds(mailbox: Mailbox) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["mails"]
    assert entry["task"] == deliver_mails.name and entry["schedule"] <= 15
    write_mail("jeanne@example.org", "hello", "text", now=timezone.now())
    deliver_mails()
    assert len(mailbox.mails) == 1 and ContactMail.objects.filter(sent_at__isnull=False).count() == 1


def test_the_clock_brings_requests_a_step_further_every_minute() -> None:
    schedule = settings.CELERY_BEAT_SCHEDULE
    assert (schedule["requests"]["task"], schedule["requests"]["schedule"]) == (run_advance.name, 60)
    assert schedule["requests-erase"]["task"] == run_erase.name
    request = make_sent(make_parish())
    RestoreRequest.objects.update(expires_at=timezone.now())
    run_advance()
    request.refresh_from_db()
    assert request.state == "expired"

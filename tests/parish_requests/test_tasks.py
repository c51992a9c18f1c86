"""Celery's door, called as a worker calls it."""

import pytest
from django.conf import settings
from django.utils import timezone

from parish_requests.models import ContactMail
from parish_requests.post import write_mail
from parish_requests.tasks import deliver_mails
from tests.watch.servers import Mailbox

pytestmark = pytest.mark.django_db


def test_the_clock_asks_for_mails_within_seconds(mailbox: Mailbox) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["mails"]
    assert entry["task"] == deliver_mails.name and entry["schedule"] <= 15
    write_mail("jeanne@example.org", "hello", "text", now=timezone.now())
    deliver_mails()
    assert len(mailbox.mails) == 1 and ContactMail.objects.filter(sent_at__isnull=False).count() == 1

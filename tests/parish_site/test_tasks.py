"""What the clock asks for: links that nobody sent yet, and to forget what is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from civiparoisse.celery import app
from parish_requests.models import ContactMail
from parish_site.models import Attempt, DoorSession, SignIn
from parish_site.sessions import start_session
from parish_site.sign_in import ask_link
from parish_site.tasks import run_forgetting, run_links
from tests.parish_site.people import MAIL, make_contact_row

pytestmark = pytest.mark.django_db


def test_a_link_whose_message_was_lost_is_sent_by_the_clock() -> None:
    make_contact_row()
    ask_link(MAIL, browser="b", origin="192.0.2.1", now=timezone.now())
    run_links()
    assert [mail.address for mail in ContactMail.objects.all()] == [MAIL]


def test_what_is_over_is_forgotten() -> None:
    past = timezone.now() - timedelta(days=2)
    contact = make_contact_row()
    ask_link(MAIL, browser="b", origin="192.0.2.1", now=past)
    start_session(contact, now=past)
    run_forgetting()
    assert not (SignIn.objects.exists() or DoorSession.objects.exists() or Attempt.objects.exists())


def test_the_clock_asks_for_both() -> None:
    asked = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {run_links.name, run_forgetting.name} <= asked & set(app.tasks)

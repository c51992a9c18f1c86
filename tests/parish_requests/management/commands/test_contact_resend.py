"""The mail of confirmation again, not to those who have answered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from parish_requests.models import ContactMail
from tests.commands import run_command, run_json
from tests.parish_requests.cast import make_contact
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db


def test_it_leaves_again_once() -> None:
    long_ago = timezone.now() - timedelta(days=9)
    make_contact(make_tenant_row(), mail="jeanne@example.org", confirmed_at=None, confirmation_sent_at=long_ago)
    assert run_command("contact_resend", "saint-paul", "jeanne@example.org")[0] == 0
    code, answer = run_json("contact_resend", "saint-paul", "jeanne@example.org")
    assert code == 1 and answer["error"]["code"] == "confirmation_just_sent" and ContactMail.objects.count() == 1


def test_not_to_whoever_has_answered() -> None:
    make_contact(make_tenant_row(), mail="jeanne@example.org")
    answer = run_json("contact_resend", "saint-paul", "jeanne@example.org")[1]
    assert answer["error"]["code"] == "contact_confirmed"

"""Many wrong passwords close the sign-in, whatever process is asked; it opens again by time, or by command."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

LOGIN, PASSWORD = "/admin/login/", "right horse battery"
LIMIT = settings.AXES_FAILURE_LIMIT


@pytest.fixture(autouse=True)
def jeanne(db: None) -> User:  # noqa: ARG001
    """A person who may come in."""
    return User.objects.create_superuser("jeanne", password=PASSWORD)


def _sign_in(name: str = "jeanne", password: str = "wrong", address: str = "192.0.2.1") -> Any:
    return Client(REMOTE_ADDR=address).post(f"{LOGIN}?next=/admin/", {"username": name, "password": password})


def test_after_many_wrong_passwords_the_right_one_does_not_open_either(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "axes"):
        answers = [_sign_in() for _ in range(LIMIT)]
    assert [answer.status_code for answer in answers] == [200] * (LIMIT - 1) + [429]
    locked = _sign_in(password=PASSWORD)
    text = locked.content.decode()
    assert (locked.status_code, locked["Retry-After"]) == (429, "1800")
    assert "Trop de mots de passe erronés" in text and "axes_reset_ip 192.0.2.1" in text and "30\xa0minutes" in text
    assert "192.0.2.1" in caplog.text and "wrong" not in caplog.text and PASSWORD not in caplog.text
    assert _sign_in(password=PASSWORD, address="192.0.2.2").status_code == 302, "from elsewhere it is open"


def test_an_address_that_tries_many_accounts_is_closed_for_all() -> None:
    for number in range(LIMIT):
        _sign_in(name=f"somebody{number}")
    assert _sign_in(password=PASSWORD).status_code == 429


def test_it_opens_again_by_time_and_by_command() -> None:
    for _ in range(LIMIT):
        _sign_in()
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=31))
    assert _sign_in(password=PASSWORD).status_code == 302
    for _ in range(LIMIT):
        _sign_in()
    assert _sign_in(password=PASSWORD).status_code == 429
    call_command("axes_reset_ip", "192.0.2.1", verbosity=0)
    assert _sign_in(password=PASSWORD).status_code == 302


def test_a_few_wrong_passwords_are_forgotten_by_a_right_one() -> None:
    for _ in range(3):
        for _ in range(LIMIT - 1):
            _sign_in()
        assert _sign_in(password=PASSWORD).status_code == 302


def test_a_forged_address_resets_no_count() -> None:
    for number in range(LIMIT):
        Client(REMOTE_ADDR="192.0.2.9", headers={"x-forwarded-for": f"198.51.100.{number}"}).post(
            LOGIN, {"username": "jeanne", "password": "wrong"}
        )
    assert _sign_in(password=PASSWORD, address="192.0.2.9").status_code == 429

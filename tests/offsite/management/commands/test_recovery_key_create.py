"""recovery_key_create: both halves on the page, one of them in the database."""

import pytest

from offsite.models import RecoveryKey
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


def test_the_page_shows_the_private_half_once() -> None:
    code, document = run_json("recovery_key_create")
    assert code == 0 and document["private"].startswith("AGE-SECRET-KEY-1")
    row = RecoveryKey.objects.get()
    assert row.recipient == document["public"] and row.proven_at is None
    assert "AGE-SECRET-KEY-1" in run_command("recovery_key_create")[1]

"""Secrets lie encrypted, and what identifies a message never changes."""

import pytest
from django.db import connection
from django.utils import timezone

from tests.watch.rows import make_message_row, make_recipient_row
from watch.models import Message, Recipient

pytestmark = pytest.mark.django_db


def test_a_signing_secret_lies_encrypted() -> None:
    make_recipient_row("desk", kind="webhook", secret="whsec_geheim")
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM watch_recipient")
        assert "geheim" not in cursor.fetchone()[0]
    assert Recipient.objects.get().secret == "whsec_geheim"


def test_every_message_has_an_identifier_of_its_own() -> None:
    anne = make_recipient_row()
    rows = [make_message_row(anne, now=timezone.now()) for _number in range(20)]
    assert len({row.message_id for row in rows}) == 20
    assert Message.objects.get(pk=rows[0].pk).message_id == rows[0].message_id == str(rows[0])

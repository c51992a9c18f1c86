"""Nobody is told who is removed."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.watch.rows import make_message_row, make_recipient_row
from watch.models import Message, Recipient

pytestmark = pytest.mark.django_db


def test_it_goes_with_its_messages_and_alone() -> None:
    make_message_row(make_recipient_row(), now=timezone.now())
    make_recipient_row("marc", address="marc@example.org")
    call_command("recipient_remove", "anne")
    assert [row.name for row in Recipient.objects.all()] == ["marc"] and not Message.objects.exists()
    with pytest.raises((SystemExit, CommandError)):
        call_command("recipient_remove", "anne")

"""Who is told, without secrets."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.watch.rows import make_message_row, make_recipient_row

pytestmark = pytest.mark.django_db


def test_secrets_stay_inside_and_late_messages_are_counted() -> None:
    desk = make_recipient_row("desk", kind="webhook", address="https://desk.example.org/", secret="whsec_geheim")
    make_message_row(desk, now=timezone.now(), tries=2)
    for arguments in ((), ("--json",)):
        out = StringIO()
        call_command("recipient_list", *arguments, stdout=out)
        assert "desk" in out.getvalue() and "1" in out.getvalue() and "geheim" not in out.getvalue()

"""A test message by command: it arrives, or the cause is said."""

import pytest
from django.core.management import CommandError, call_command

from tests.watch.notices.conftest import mailbox
from tests.watch.rows import make_recipient_row
from tests.watch.servers import Mailbox

__all__ = ["mailbox"]
pytestmark = pytest.mark.django_db


def test_it_arrives_or_says_why_not(mailbox: Mailbox) -> None:
    make_recipient_row()
    call_command("recipient_test", "anne")
    assert len(mailbox.mails) == 1
    mailbox.refusal = "550 no"
    for name in ("anne", "nobody"):
        with pytest.raises((SystemExit, CommandError)):
            call_command("recipient_test", name)
    assert len(mailbox.mails) == 1

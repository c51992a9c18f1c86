"""Problems and recipients for tests."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from domain.findings import Level
from watch.models import Message, Problem, Recipient, make_open_key


def make_problem_row(code: str = "failed", subject: str = "saint-paul", **values: Any) -> Problem:
    """Return a problem that stands."""
    given = {"level": Level.CRITICAL.value, "title": "Failed", "name": subject, "since": timezone.now()}
    return Problem.objects.create(
        check_code=code, subject=subject, open_key=make_open_key(code, subject), **(given | values)
    )


def make_recipient_row(name: str = "anne", **values: Any) -> Recipient:
    """Return somebody who is told by mail of everything."""
    return Recipient.objects.create(**{"name": name, "address": f"{name}@example.org", "has_digest": False} | values)


def make_message_row(recipient: Recipient, subject: str = "hello", *, now: datetime, **values: Any) -> Message:
    """Return a message that waits."""
    given = {"kind": "test", "body": "text", "created_at": now, "due_at": now}
    return Message.objects.create(recipient=recipient, subject=subject, **(given | values))

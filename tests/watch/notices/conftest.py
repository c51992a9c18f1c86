"""A mail server that takes what is sent, and the settings that lead there."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.watch.servers import Mailbox, serve_mail


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server without TLS and without a login."""
    with serve_mail() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield box

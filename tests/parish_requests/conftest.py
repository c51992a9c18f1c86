"""A mail server that takes what is sent."""

from tests.watch.notices.conftest import mailbox

__all__ = ["mailbox"]

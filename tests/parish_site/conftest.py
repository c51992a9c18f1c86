"""A parish with a good set at an engine that counts; a mail server that takes what is sent."""

from tests.backups.conftest import backed_up, begin, make_instance
from tests.operations.conftest import clock, engine, finish
from tests.watch.notices.conftest import mailbox

__all__ = ["backed_up", "begin", "clock", "engine", "finish", "mailbox", "make_instance"]

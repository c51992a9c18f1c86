"""Events of a set: loaded last, once everything was compared, because they run by themselves from then on."""

import re
from collections.abc import Mapping

from programs.databases.inventory import LiveDatabase
from programs.sql.text import parse_name

# As SHOW CREATE EVENT writes it: a time that may have passed since the backup (both vendors then leave the event out).
_DATED = re.compile(
    rb"EVENT `((?:[^`]|``)+)` ON SCHEDULE (?:AT '[^']+'|EVERY [^\n]{1,80}? ENDS '[^']+') ON COMPLETION NOT PRESERVE"
)


def list_dated_events(text: bytes) -> set[str]:
    """Names of the events of these statements that a server drops once their time is over."""
    return {parse_name(name) for name in _DATED.findall(text)}


def select_expired(live: LiveDatabase, expected: Mapping[str, str], *, dated: set[str]) -> list[str]:
    """Names of the events that the server did not take since their time is over, sorted."""
    return sorted(name for name in dated & set(expected) if name not in live.events)

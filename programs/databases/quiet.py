"""Events of the databases that a restore leaves alone: they may write into the one that is loaded and compared, so they
rest meanwhile. Which ones is written down first: what a killed restore left switched off, the next one switches on."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from programs.databases.client import Client, quote_name, quote_text
from programs.run.durable import write_atomically
from programs.run.failures import ProgramError
from programs.run.strict_json import StrictJsonError, parse_json

JOURNAL = "restore-events.json"  # in the work directory
GONE = 1539  # there is no such event any more


@contextmanager
def quiet_events(client: Client, databases: Sequence[str], *, journal: Path) -> Iterator[None]:
    """Have no event of these databases run as long as the context lasts; then each that ran before runs again.

    Only those that the account itself defines: a change of another's would make it its own. Raise ProgramError."""
    switch_on(client, journal)
    if not databases:
        yield
        return
    among = ",".join(quote_text(name) for name in databases)
    rest = f"FROM information_schema.EVENTS WHERE EVENT_SCHEMA IN ({among}) AND STATUS = 'ENABLED'"
    found = client.query(("EVENT_SCHEMA", "EVENT_NAME"), f"{rest} AND DEFINER = CURRENT_USER()")
    if found:
        write_atomically(journal, json.dumps(found).encode())
    try:
        for database, name in found:
            alter_event(client, str(database), str(name), "DISABLE")
        yield
    finally:
        switch_on(client, journal)


def switch_on(client: Client, journal: Path) -> None:
    """Let the events run that the journal names, if there is one. Raise ProgramError."""
    try:
        named = parse_json(journal.read_bytes())
    except FileNotFoundError:
        return
    except StrictJsonError:  # nothing was switched off before it was whole
        named = []
    assert isinstance(named, list)
    for database, name in named:
        alter_event(client, str(database), str(name), "ENABLE")
    journal.unlink(missing_ok=True)


def alter_event(client: Client, database: str, name: str, switch: str) -> None:
    """Switch an event on or off, if it is there. Raise ProgramError."""
    try:
        client.run(f"ALTER EVENT {quote_name(database)}.{quote_name(name)} {switch};")
    except ProgramError as error:
        if error.params.get("number") != GONE:
            raise

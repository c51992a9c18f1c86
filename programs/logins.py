"""When anybody last logged in to the site or was active in it, as Drupal's own table of accounts tells."""

import logging
import time
from datetime import UTC, datetime

from programs.assemble import format_time
from programs.databases.client import Client, quote_name, quote_text
from programs.run.failures import ProgramError

TABLE = "users_field_data"
# Seconds since 1970, 0 for never (Drupal, User::baseFieldDefinitions); `access` is written while somebody is logged in.
COLUMNS = ("access", "login")
# Of a server whose clock is a little ahead; a time beyond is nonsense.
AHEAD_SECONDS = 86_400

Logins = dict[str, str | None]

log = logging.getLogger("programs")


def observe_logins(client: Client) -> Logins | None:
    """Return `last_at`: the time in UTC, None for never. None instead of it when that is not known: no such table or
    columns, no account, no plausible time, no answer. Never raises ProgramError: a backup does not hang on it."""
    try:
        for database in client.access.databases:
            if _has_columns(client, database):
                maxima = tuple(f"MAX({quote_name(column)})" for column in COLUMNS)
                (row,) = client.query(maxima, f"FROM {quote_name(database)}.{TABLE}")
                return make_logins([value for value in row if value is not None], now=time.time())
    except ProgramError as error:
        log.warning("the last login is not known: %s", error.code)
    return None


def _has_columns(client: Client, database: str) -> bool:
    names = ", ".join(map(quote_text, COLUMNS))
    place = f"table_schema = {quote_text(database)} AND table_name = {quote_text(TABLE)}"
    rows = client.query(("column_name",), f"FROM information_schema.columns WHERE {place} AND column_name IN ({names})")
    return len(rows) == len(COLUMNS)


def make_logins(values: list[str], *, now: float) -> Logins | None:
    """Return what the latest of the columns' `values` say, None when they say nothing to be believed."""
    try:
        latest = max(map(int, values))
    except ValueError:
        return None
    if not 0 <= latest <= now + AHEAD_SECONDS:
        return None
    return {"last_at": format_time(datetime.fromtimestamp(latest, tz=UTC)) if latest else None}

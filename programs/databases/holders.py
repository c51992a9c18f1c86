"""Sessions that hold tables open while a database is to be dropped: waited for shortly, named, and ended where they are
the site's own, which is closed by then."""

from programs.databases.client import Client
from programs.run.failures import ProgramError

WAITS_SECONDS = (3, 15)  # before the site's own sessions are ended, and after
LOCK_WAIT_TIMEOUT = 1205
KILLED = (1094, 1095)  # it is gone already, or it is somebody else's


def run_alone(client: Client, sql: str, database: str) -> list[str]:
    """Run statements that need tables for themselves; return what must be said of the sessions that were ended.

    Raise ProgramError (``database_held``) when somebody goes on holding one: then nothing was changed."""
    told: list[str] = []
    for seconds in WAITS_SECONDS:
        try:
            client.run(f"SET SESSION lock_wait_timeout={seconds}; {sql}")
        except ProgramError as error:
            if error.params.get("number") != LOCK_WAIT_TIMEOUT:
                raise
            holders = list_holders(client)
            if seconds == WAITS_SECONDS[-1]:
                raise make_held_error(database, holders) from error
            told += [f"a session held a table of {database} open, and was ended: {one}" for one in end_own(client)]
        else:
            return told
    raise AssertionError("unreachable")


def list_holders(client: Client) -> list[str]:
    """The other sessions that this account sees, for people."""
    columns = ("ID", "USER", "HOST", "IFNULL(DB, '')", "COMMAND", "TIME")
    others = "ID <> CONNECTION_ID() AND COMMAND NOT IN ('Daemon', 'Binlog Dump')"
    rest = f"FROM information_schema.PROCESSLIST WHERE {others}"
    return [
        f"session {number} of {user}@{host} in {database or 'no database'} ({command}, {seconds} s)"
        for number, user, host, database, command, seconds in client.query(columns, f"{rest} ORDER BY TIME DESC")
    ]


def end_own(client: Client) -> list[str]:
    """End the other sessions of this account, which is the site's own; return those that were ended."""
    user = "SUBSTRING_INDEX(CURRENT_USER(), '@', 1)"
    rest = f"FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER = {user}"
    ended = []
    for number, host, seconds in client.query(("ID", "HOST", "TIME"), rest):
        try:
            client.run(f"KILL {int(number or 0)};")
        except ProgramError as error:
            if error.params.get("number") not in KILLED:
                raise
        else:
            ended.append(f"session {number} from {host}, {seconds} s idle or at work")
    return ended


def make_held_error(database: str, holders: list[str]) -> ProgramError:
    """The error of a database that cannot be dropped because somebody uses it."""
    shown = "; ".join(holders[:3]) or "a session of another account, which this one does not see"
    message = f"the database {database} is held open: {shown}"
    hint = "end that session (KILL, as root of the server), then restore again: nothing was changed"
    return ProgramError("database_held", message, hint=hint, params={"database": database, "holders": shown})

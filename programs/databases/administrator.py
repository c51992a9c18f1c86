"""What the server's administrator does around a restore, where one can sign in: accounts are put right, and what a set
holds is tried and loaded by a throwaway account that can do nothing else.

Where there is no administrator, or the server does not let it in, the instance's own account does it all.
"""

import dataclasses
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from programs.databases.client import quote_name
from programs.databases.connection import Connection
from programs.databases.scratch import PREFIX as TRIALS
from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError

PREFIX = "civiparoisse_load_"  # of throwaway accounts: what a killed restore left is dropped by the next one
# What tables, rows and sequences take. What a program or a view does is its definer's: the instance's account makes it.
OF_TABLES = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES"
# What a definition of a throwaway database may need of the live ones.
OF_TRIALS = "SELECT, REFERENCES, EXECUTE, SHOW VIEW"
REFUSALS = ("database_failed", "database_refused")
LITERAL_MODE = "SET SESSION sql_mode='NO_BACKSLASH_ESCAPES'"  # as `quote` writes


def quote(text: str) -> str:
    """A string literal, in LITERAL_MODE."""
    return "'" + text.replace("'", "''") + "'"


def make_pattern(database: str) -> str:
    """The database's name as GRANT takes it, where _ is any letter."""
    return quote_name(database.replace("_", "\\_"))


class Administrator:
    """Runs statements as the server's administrator, each with a connection of its own: hours may lie between them."""

    def __init__(self, access: ServerAccess) -> None:
        self._access = access

    def run(self, *statements: str) -> list[tuple[str, ...]]:
        """Run them one after the other; return the rows of the last one as text. Raise ProgramError."""
        rows: list[tuple[bytes | None, ...]] = []
        with Connection(self._access) as connection:
            for statement in (LITERAL_MODE, *statements):
                rows = connection.run(statement)
        return [tuple((cell or b"").decode(errors="surrogateescape") for cell in row) for row in rows]

    def list_hosts(self, user: str) -> list[str]:
        """From where an account of this name may come."""
        return [host for (host,) in self.run(f"SELECT Host FROM mysql.user WHERE User = {quote(user)} ORDER BY Host")]

    def reset_account(self, access: ServerAccess) -> list[str]:
        """Have the instance's account be let in with its password, and have it own its databases; return what must be
        said of it. An attack, or a restore that failed, may have changed either."""
        told = []
        if not can_sign_in(access):
            hosts = self.list_hosts(access.user) or ["%"]
            for host in hosts:
                account = f"{quote(access.user)}@{quote(host)}"
                made = f"{account} IDENTIFIED BY {quote(access.password)}"
                self.run(f"CREATE USER IF NOT EXISTS {made}", f"ALTER USER {made} ACCOUNT UNLOCK")
            told.append(f"the account {access.user} was not let in: it has its password again")
        for host in self.list_hosts(access.user):
            account = f"{quote(access.user)}@{quote(host)}"
            self.run(*(f"GRANT ALL PRIVILEGES ON {make_pattern(name)}.* TO {account}" for name in access.databases))
        return told

    def drop_throwaway(self) -> None:
        """Drop every throwaway account."""
        like = quote(PREFIX.replace("_", "\\_") + "%")
        names = self.run(f"SELECT User, Host FROM mysql.user WHERE User LIKE {like} ESCAPE '\\'")
        self.run(*(f"DROP USER IF EXISTS {quote(user)}@{quote(host)}" for user, host in names))

    def make_trier(self, access: ServerAccess) -> ServerAccess:
        """Make an account that tries definitions in databases of its own, and only looks at the instance's."""
        return self._make_throwaway(access, *(f"{OF_TRIALS} ON {make_pattern(name)}.*" for name in access.databases))

    def make_filler(self, access: ServerAccess, loaded: Iterable[str]) -> ServerAccess:
        """Make an account that fills the tables of the databases ``loaded``: of the instance's others it only looks at
        tables, for foreign keys, and counts by sequences."""
        names = set(loaded)
        others = [name for name in access.databases if name not in names]
        grants = [f"{OF_TABLES} ON {make_pattern(name)}.*" for name in sorted(names)]
        grants += [f"SELECT, REFERENCES ON {make_pattern(name)}.*" for name in others]
        if others:
            among = ", ".join(quote(name) for name in others)
            where = f"TABLE_TYPE = 'SEQUENCE' AND TABLE_SCHEMA IN ({among})"
            rows = self.run(f"SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE {where}")
            grants += [f"INSERT ON {quote_name(database)}.{quote_name(name)}" for database, name in rows]
        return self._make_throwaway(access, *grants)

    def _make_throwaway(self, access: ServerAccess, *grants: str) -> ServerAccess:
        user, password = PREFIX + secrets.token_hex(4), secrets.token_hex(24)
        account, trials = f"{quote(user)}@'%'", quote_name(TRIALS.replace("_", "\\_") + "%")
        statements = [f"GRANT {grant} TO {account}" for grant in (*grants, f"ALL PRIVILEGES ON {trials}.*")]
        self.run(f"CREATE USER {account} IDENTIFIED BY {quote(password)}", *statements)
        try:  # MySQL: what a session may be lenient in is not everybody's to say
            self.run(f"GRANT SESSION_VARIABLES_ADMIN ON *.* TO {account}")
        except ProgramError as error:
            if error.code not in REFUSALS:
                raise
        return dataclasses.replace(access, user=user, password=password)


def can_sign_in(access: ServerAccess) -> bool:
    """Tell whether the server lets this account in. Raise ProgramError where it does not answer."""
    try:
        with Connection(access):
            return True
    except ProgramError as error:
        if error.code == "database_unreachable":
            raise
        return False


def find_administrator(access: ServerAccess | None) -> Administrator | None:
    """The administrator, if one is given, the server lets it in, and it may make accounts."""
    if access is None:
        return None
    administrator = Administrator(access)
    try:
        administrator.drop_throwaway()
    except ProgramError:
        return None  # whatever it is, the restore says it better, or goes on without
    return administrator


@dataclass
class Assistance:
    """What an administrator gives a restore. ``trier`` tries definitions, ``filler`` fills tables, both None for the
    instance's own account; ``told``: what must be said."""

    administrator: Administrator | None = None
    trier: ServerAccess | None = None
    filler: ServerAccess | None = None
    told: list[str] = field(default_factory=list)


@contextmanager
def assist(administrator: Administrator | None, access: ServerAccess, loaded: Sequence[str]) -> Iterator[Assistance]:
    """Put the instance's account right, and hold throwaway accounts as long as the context lasts, for a restore of the
    databases ``loaded``. Without an administrator nothing happens, nor where it may not do these things."""
    assistance = Assistance()
    try:
        if administrator is not None:
            try:
                assistance.told += administrator.reset_account(access)
                assistance.trier = administrator.make_trier(access)
                assistance.filler = administrator.make_filler(access, loaded)
                assistance.administrator = administrator
            except ProgramError as error:
                if error.code not in REFUSALS:
                    raise
                assistance.told.append(f"the server's administrator may not make accounts: {error.message}")
        yield assistance
    finally:
        if administrator is not None:
            try:
                administrator.drop_throwaway()
            except ProgramError:
                pass  # the server is gone; the next restore drops it

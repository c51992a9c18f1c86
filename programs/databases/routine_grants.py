"""Who else may call a database's routines: DROP DATABASE forgets that, and a restore gives it back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from programs.databases.administrator import Administrator, quote
from programs.databases.client import quote_name
from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from programs.sets.manifest import Database

GRANT_OPTION = "GRANT"


@dataclass(frozen=True)
class RoutineGrant:
    """One account's privileges on one routine. ``sort``: FUNCTION, PROCEDURE, PACKAGE, PACKAGE BODY; ``host``: empty
    for a role of MariaDB."""

    database: str
    sort: str
    name: str
    user: str
    host: str
    privileges: tuple[str, ...]

    @property
    def account(self) -> str:
        """As SQL takes it."""
        return f"{quote(self.user)}@{quote(self.host)}" if self.host else quote_name(self.user)

    def format_sql(self) -> str:
        """The statement that gives it."""
        words = [word for word in self.privileges if word != GRANT_OPTION]
        more = " WITH GRANT OPTION" if GRANT_OPTION in self.privileges else ""
        thing = f"{self.sort} {quote_name(self.database)}.{quote_name(self.name)}"
        return f"GRANT {', '.join(words) or 'USAGE'} ON {thing} TO {self.account}{more}"


def list_routine_grants(administrator: Administrator | None, access: ServerAccess) -> list[RoutineGrant]:
    """The grants on single routines of the account's databases to all other accounts; none are seen without an
    administrator. Raise ProgramError."""
    if administrator is None:
        return []
    among = ", ".join(quote(name) for name in access.databases)
    where = f"Db IN ({among}) AND User <> {quote(access.user)}"
    columns = "Db, Routine_type, Routine_name, User, Host, Proc_priv"
    rows = administrator.run(f"SELECT {columns} FROM mysql.procs_priv WHERE {where} ORDER BY 1, 2, 3, 4, 5")
    return [
        RoutineGrant(database, sort, name, user, host, tuple(words.upper().split(",")))
        for database, sort, name, user, host, words in rows
    ]


def give_back(
    administrator: Administrator | None, grants: Iterable[RoutineGrant], databases: Mapping[str, Database]
) -> list[str]:
    """Give them back where the set has the routine, too; return what must be said of those that cannot be given."""
    told = []
    for grant in grants:
        stored = {name.casefold() for name in databases[grant.database].routines}
        if administrator is None or f"{grant.sort} {grant.name}".casefold() not in stored:
            continue
        try:
            administrator.run(grant.format_sql())
        except ProgramError as error:
            thing = f"{grant.sort.lower()} {grant.database}.{grant.name}"
            told.append(f"{grant.account} may not call the {thing} any more: {error.message}")
    return told

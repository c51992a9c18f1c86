"""What the account may see, asked first: mysqldump exits 0 and leaves out the objects it may not see."""

import re
from collections.abc import Iterable, Sequence

from programs.databases.client import Client
from programs.run.failures import ProgramError

NAMED_AT_MOST = 5
NEEDED = ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT")
# Any of these lets the account list all routines of a database; their bodies are asked for one by one afterwards.
ROUTINE_ACCESS = frozenset({"EXECUTE", "ALTER ROUTINE", "CREATE ROUTINE", "SHOW CREATE ROUTINE"})
ROUTINE_ACCESS_GLOBAL = frozenset({"SHOW_ROUTINE", "SELECT"})
_GRANT = re.compile(r"(GRANT|REVOKE) (.+?) ON (\*|`(?:[^`]|``)+`|\"(?:[^\"]|\"\")+\")\.(\*|`proc`) (?:TO|FROM) ")
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\\\": "\\", "\\0": "\0"}


def match_database(pattern: str, name: str) -> bool:
    """Tell whether a GRANT's database pattern (% and _ with backslash, as in LIKE) covers a database."""
    parts = re.findall(r"\\.|.", pattern, re.S)
    table = {"%": ".*", "_": "."}
    expression = "".join(re.escape(p[1:]) if len(p) == 2 else table.get(p) or re.escape(p) for p in parts)
    return re.fullmatch(expression, name, re.S) is not None


def select_privileges(grants: Iterable[str], *, database: str) -> set[str]:
    """Privileges that lines of SHOW GRANTS give on a whole database. `mysql.proc` counts as SHOW_ROUTINE."""
    held: set[str] = set()
    withheld: set[str] = set()
    for line in grants:
        match = _GRANT.match(line)
        if match is None:
            continue
        names = {name.strip().upper() for name in re.sub(r"\([^)]*\)", "", match[2]).split(",")}
        if "ALL PRIVILEGES" in names or "ALL" in names:
            names |= {*NEEDED, *ROUTINE_ACCESS}
        scope = match[3] if match[3] == "*" else match[3][1:-1].replace("``", "`")
        if scope == "*" and match[1] == "GRANT":
            held |= names | ({"SHOW_ROUTINE"} if names & ROUTINE_ACCESS_GLOBAL else set())
        elif scope == "mysql" and names & {"SELECT", "ALL PRIVILEGES"}:
            held.add("SHOW_ROUTINE")
        elif match[4] == "*" and match_database(scope, database):
            (held if match[1] == "GRANT" else withheld).update(names)
    return held - withheld - {"USAGE"}


def make_missing_privilege(privilege: str, *, database: str, user: str, thing: str = "") -> ProgramError:
    """The error of an account that would see less than there is."""
    what = f" ({thing})" if thing else ""
    message = f"the account {user} lacks {privilege} on database {database}{what}: the backup would be incomplete"
    hint = f"grant {privilege} to the account, then run again"
    params = {"privilege": privilege, "database": database, "user": user, "object": thing}
    return ProgramError("missing_privilege", message, hint=hint, params=params)


def make_hidden(routines: Sequence[str], *, user: str) -> ProgramError:
    """The error of routines of other accounts whose text this one may not read: they would be missing in the set."""
    named = ", ".join(routines[:NAMED_AT_MOST]) + (", …" if len(routines) > NAMED_AT_MOST else "")
    message = f"the account {user} may not read {named}: the backup would lack {len(routines)} of the routines"
    hint = (
        f"as the server's administrator, GRANT SELECT ON mysql.proc TO {user} (MariaDB) or GRANT SHOW_ROUTINE ON *.* TO"
        f" {user} (MySQL); or make the routine again as {user}, or drop it; then run again"
    )
    params: dict[str, str | int] = {"routines": named, "count": len(routines), "user": user}
    return ProgramError("hidden_routine", message, hint=hint, params=params)


def list_grants(client: Client) -> list[str]:
    """Lines of SHOW GRANTS of the account."""
    output = client.run("SHOW GRANTS;").decode(errors="surrogateescape")
    return [re.sub(r"\\[nt0\\]", lambda found: _ESCAPES[found[0]], line) for line in output.splitlines()]


def check_privileges(client: Client) -> None:
    """Raise ProgramError missing_privilege unless the account sees all objects of all its databases."""
    grants = list_grants(client)
    for database in client.access.databases:
        held = select_privileges(grants, database=database)
        for privilege in NEEDED:
            if privilege not in held:
                raise make_missing_privilege(privilege, database=database, user=client.access.user)
        if not held & ROUTINE_ACCESS and "SHOW_ROUTINE" not in held:
            raise make_missing_privilege("EXECUTE", database=database, user=client.access.user, thing="routines")

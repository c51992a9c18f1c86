"""Who defines a view or a program, as a statement names that account."""

from programs.sql.reading import Reading
from programs.sql.tokens import Token, unquote

# Whoever runs the statement, or the role that is on.
WHOEVER_LOADS = "CURRENT_USER"
CURRENT = (WHOEVER_LOADS, "CURRENT_ROLE")


def read_account(reading: Reading) -> str | None:
    """Take an account or a role; return it as user@host, a role as its name, WHOEVER_LOADS as that. None for what is
    none of these."""
    token = reading.token
    if token is None or token.kind == "mark":
        return None
    reading.skip()
    if token.kind == "word" and token.text.decode(errors="replace") in CURRENT:
        if reading.take_mark("(") and not reading.take_mark(")"):
            return None
        return token.text.decode()
    user = read_part(token)
    if not reading.take_mark("@"):
        return user
    host = reading.token
    if host is None or host.kind == "mark":
        return None
    reading.skip()
    return f"{user}@{read_part(host) + read_rest_of_host(reading, host)}"


def read_part(token: Token) -> str:
    """A user's, role's or host's name without its quotes."""
    return unquote(token.raw) if token.kind in ("string", "name") else token.raw.decode(errors="surrogateescape")


def read_rest_of_host(reading: Reading, last: Token) -> str:
    """Take what follows of a host without quotes, as in 127.0.0.1: its points and words touch each other."""
    rest = ""
    while last.kind == "word" or last.text == b".":
        token = reading.token
        if token is None or token.start != last.end or not (token.kind == "word" or token.text == b"."):
            break
        rest += token.raw.decode(errors="surrogateescape")
        last = token
        reading.skip()
    return rest

"""Values written into SQL, PHP and connection strings; nothing a person typed is ever pasted as it is."""

from urllib.parse import quote


def quote_sql(value: str) -> str:
    """Return a SQL expression for `value`: hexadecimal, so that no quote, backslash or mode can matter."""
    return f"CONVERT(X'{value.encode().hex()}' USING utf8mb4)"


def quote_sql_string(value: str) -> str:
    """Return a quoted literal, for the few places where SQL takes no expression (IDENTIFIED BY).

    Right without NO_BACKSLASH_ESCAPES, which our servers do not set. Raise ValueError for a control character.
    """
    if any(character < " " or character == "\x7f" for character in value):
        raise ValueError("control character")
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def quote_php(value: str) -> str:
    """Return a single-quoted PHP string, where only the backslash and the quote mean something."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def quote_url(value: str) -> str:
    """Return `value` for the user or password of a DSN: everything but letters, digits and -._~ is encoded."""
    return quote(value, safe="")

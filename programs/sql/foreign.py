"""Bodies in another language, between two equal marks of dollars: routines and libraries of MySQL 9.

No quote and no comment of SQL has a meaning in them. Elsewhere such a mark is a name as any other: only after AS, in
the head of a routine or a library whose language is not SQL, does it begin a body; older servers and MariaDB take no
such head at all.
"""

import re

_TOKEN = re.compile(
    rb"\s++|(?P<word>[\w\x80-\xff]++)|`(?:[^`]++|``)*+`|'(?:[^'\\]++|\\.|'')*+'|[(),.@=+]|(?P<mark>\$[\w\x80-\xff]*+\$)",
    re.S,
)
_KINDS = frozenset({b"FUNCTION", b"PROCEDURE", b"LIBRARY"})
# With these a body of SQL begins, in which a mark may be a name.
_VERBS = frozenset(b"BEGIN DELETE INSERT REPLACE RETURN SELECT SET TABLE UPDATE VALUES WITH".split())
HEAD_BYTES = 64 * 1024


def find_foreign_end(text: bytes, position: int = 0) -> int | None:
    """Return where the foreign body of the statement that begins at `position` ends: 0 where the statement has none,
    None where it does not end in this text."""
    mark = _find_mark(text, position)
    if mark is None:
        return 0
    end = text.find(mark[0], mark.end())
    return None if end < 0 else end + len(mark[0])


def _find_mark(text: bytes, position: int) -> re.Match[bytes] | None:
    """Return the mark that begins the body."""
    words: list[bytes] = []
    limit = position + HEAD_BYTES
    while (token := _TOKEN.match(text, position, limit)) is not None:
        if token["mark"] is not None:
            return token if words[-1:] == [b"AS"] and _is_head(words) else None
        if token["word"] is not None:
            words.append(token["word"].upper())
            if words[0] != b"CREATE":
                return None
        position = token.end()
    return None


def _is_head(words: list[bytes]) -> bool:
    """Tell whether the words are those of a routine or library in a language that is not SQL."""
    languages = [after for word, after in zip(words, words[1:], strict=False) if word == b"LANGUAGE"]
    is_foreign = bool(languages) and not {b"SQL", b"AS"}.intersection(languages)
    return is_foreign and not _KINDS.isdisjoint(words) and _VERBS.isdisjoint(words)

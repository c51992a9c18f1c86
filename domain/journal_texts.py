"""The journal of an operation: kept in English, for logs, and shown in the language of whoever opens its page."""

import ast
from typing import Any

from domain.errors import render_error
from domain.sentences import find_sentence
from domain.texts import mark as _
from domain.words import word

# What record_event writes. The first that fits counts.
ENTRIES = (
    _("requested by %(person)s"),
    _("cancel asked by %(person)s"),
    _("begins (attempt %(number)s)"),
    _("done"),
    _("failed, tried again later: %(error)s"),
    _("failed: %(error)s"),
    _("no further step: %(state)s"),
    _("ended: %(state)s"),
    _("end of the log of %(run)s (%(outcome)s):\n%(lines)s"),
    _("%(run)s was lost: %(detail)s"),
    _("the tools are open until %(time)s: %(command)s"),
    _("only the schedules are put back: %(error)s"),
    _("web and cron stay stopped: the data may be neither the old nor the new"),
    _("the page did not answer before, and does not now: %(detail)s"),
    _("fetching %(backup)s from %(destination)s: %(error)s"),
)


def word_entry(message: str) -> str:
    """Return an entry of the journal in the active language; what a program wrote, and an unknown entry, as it is."""
    found = find_sentence(message, ENTRIES)
    if found is None:
        return message
    text, values = found
    if "state" in values:
        state, _separator, code = values["state"].partition(" ")
        values["state"] = word("state", state) + (f" ({code})" if code else "")
    if "error" in values:
        values["error"] = _word_error(values["error"])
    return str(text) % values


def _word_error(words: str) -> str:
    """Return the message of an error that was written as its code and its parameters; other words as they are."""
    code, _separator, written = words.partition(" ")
    try:
        params: Any = ast.literal_eval(written) if written else {}
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return words
    if not isinstance(params, dict):
        return words
    return render_error(code, params)[0] or words

"""Lines of the log: as text for a terminal or the journal, as JSON for a collector; English, and without a secret.

Errors are worded in the language of whoever asks; a log is read by programs and by people who search, so its lines are
in English (the source's language) whatever the person's. What each line belongs to: domain/log_context.py.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from django.utils import translation

from domain.known_secrets import hide
from domain.log_context import get_bound


class TextLine(logging.Formatter):
    """`time LEVEL logger message`; a traceback follows in lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without any secret."""
        with translation.override(None):
            return hide(super().format(record))


class JsonLine(logging.Formatter):
    """One object per line: time (UTC), level, logger, message; code, operation, instance, request, actor and
    traceback where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without any secret."""
        with translation.override(None):
            message = hide(record.getMessage())
            traceback = hide(self.formatException(record.exc_info)) if record.exc_info else ""
        moment = datetime.fromtimestamp(record.created, tz=UTC)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        code = _find_code(record)
        if code:
            line["code"] = code
        line.update({name: hide(value) for name, value in get_bound().items()})
        if traceback:
            line["traceback"] = traceback
        return json.dumps(line, ensure_ascii=False)


def _find_code(record: logging.LogRecord) -> str:
    """Return the code of the error that a line is about; empty when it is about none."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    raised = record.exc_info[1] if record.exc_info else None
    for source in (record, raised, *arguments):
        code = getattr(source, "code", None)
        if isinstance(code, str):
            return code
    return ""

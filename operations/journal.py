"""The log of an operation: one row and one log line per event, in English, for operators."""

import logging

from operations.models import Operation, OperationEvent

log = logging.getLogger("operations")

LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def record_event(operation: Operation, message: str, *, level: str = "info", step: str = "") -> None:
    """Write `message` (no secret in it) to the operation's log. `step`: the step's name, empty for the whole."""
    OperationEvent.objects.create(operation=operation, level=level, step=step, message=message)
    where = f"{operation.public_id} {operation.kind} {operation.subject}" + (f" [{step}]" if step else "")
    log.log(LEVELS[level], "%s: %s", where, message)

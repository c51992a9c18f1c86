"""Tells the workers that something is due. Only a doorbell: when nobody hears it, the clock takes it up."""

import logging
from typing import Any

from amqp.exceptions import AMQPError
from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError

log = logging.getLogger("operations")

RUN_TASK = "operations.run"
# What the clock asks for by itself is not wanted any more when it has asked again.
EXPIRES_SECONDS = 60


def ring(public_id: str, *, countdown_seconds: float = 0, expires_seconds: float | None = None) -> None:
    """Send the message that an operation is due; a broker that is away is only logged."""
    _send(RUN_TASK, (public_id,), countdown=countdown_seconds, expires=expires_seconds)


def ring_on_commit(public_id: str) -> None:
    """Ring once the present transaction is committed, so that the worker sees the rows."""
    # Robust: whatever the broker does, what is committed stays asked for, and its asker is told so.
    transaction.on_commit(lambda: ring(public_id), robust=True)


def ring_task(name: str) -> None:
    """Ask for a task of the clock's now, not at its next turn; a broker that is away is only logged."""
    _send(name, (), expires=EXPIRES_SECONDS)


def ring_task_on_commit(name: str) -> None:
    """Ask for a task of the clock's once the present transaction is committed."""
    transaction.on_commit(lambda: ring_task(name), robust=True)


def _send(name: str, arguments: tuple[str, ...], **options: Any) -> None:
    try:
        current_app.send_task(name, arguments, **options)
    except (OSError, ValueError, KombuError, AMQPError) as error:
        log.warning("%s: no message could be sent, the clock will take it up: %s", *arguments or (name,), error)

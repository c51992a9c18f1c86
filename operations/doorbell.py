"""Tells the workers that an operation is due. Only a doorbell: when nobody hears it, the sweep rings again."""

import logging

from amqp.exceptions import AMQPError
from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError

log = logging.getLogger("operations")

RUN_TASK = "operations.run"


def ring(public_id: str, *, countdown_seconds: float = 0, expires_seconds: float | None = None) -> None:
    """Send the message; a broker that is away is only logged."""
    try:
        current_app.send_task(RUN_TASK, (public_id,), countdown=countdown_seconds, expires=expires_seconds)
    except (OSError, ValueError, KombuError, AMQPError) as error:
        log.warning("%s: no message could be sent, the sweep will take it up: %s", public_id, error)


def ring_on_commit(public_id: str) -> None:
    """Ring once the present transaction is committed, so that the worker sees the rows."""
    # Robust: whatever the broker does, what is committed stays asked for, and its asker is told so.
    transaction.on_commit(lambda: ring(public_id), robust=True)

"""Tells the workers that a campaign can go on. Only a doorbell: when nobody hears it, the clock rings within a
minute."""

import logging

from amqp.exceptions import AMQPError
from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError

log = logging.getLogger("campaigns")

ADVANCE_TASK = "campaigns.advance"


def ring() -> None:
    """Send the message; a broker that is away is only logged."""
    try:
        current_app.send_task(ADVANCE_TASK, expires=60)
    except (OSError, ValueError, KombuError, AMQPError) as error:
        log.warning("no message could be sent, the clock will ask for the campaigns: %s", error)


def ring_on_commit() -> None:
    """Ring once the present transaction is committed; whatever the broker does, the rows stay."""
    transaction.on_commit(ring, robust=True)

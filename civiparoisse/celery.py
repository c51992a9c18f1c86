"""The Celery application: executes, decides nothing."""

import logging
import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civiparoisse.settings")

app = Celery("civiparoisse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def set_up_log(*, loglevel: int | None = None, **_: Any) -> None:
    """Log as all our processes do: Celery's own handler knows neither the format of the settings nor the secrets.
    `loglevel`: the command's `--loglevel`, which may only ask for less."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.setLevel(max(root.level, loglevel or 0))

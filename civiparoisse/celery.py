"""The Celery application: executes, decides nothing."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civiparoisse.settings")

app = Celery("civiparoisse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

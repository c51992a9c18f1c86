"""Settings of the broker and of the workers that listen to it (docs/architecture.md)."""

from pathlib import Path
from typing import Any

from civiparoisse.connections import make_redis
from civiparoisse.env import read_choice, read_integer, read_text
from civiparoisse.places import STATE_DIR

__all__ = [
    "BROKER",
    "BROKER_DIR",
    "CELERY_BROKER_CONNECTION_MAX_RETRIES",
    "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP",
    "CELERY_BROKER_TRANSPORT",
    "CELERY_BROKER_TRANSPORT_OPTIONS",
    "CELERY_BROKER_URL",
    "CELERY_BROKER_USE_SSL",
    "CELERY_TASK_ACKS_LATE",
    "CELERY_TASK_IGNORE_RESULT",
    "CELERY_WORKER_CONCURRENCY",
    "CELERY_WORKER_ENABLE_REMOTE_CONTROL",
    "CELERY_WORKER_POOL",
    "CELERY_WORKER_PREFETCH_MULTIPLIER",
]

# Only a doorbell: operations live in the database, the sweep rings again when a message is lost.
BROKER = read_choice("CIVIPAROISSE_BROKER", default="filesystem", choices=("filesystem", "redis"))
BROKER_DIR = Path(read_text("CIVIPAROISSE_BROKER_DIR", str(STATE_DIR / "broker")))
if BROKER == "redis":
    CELERY_BROKER_URL, CELERY_BROKER_USE_SSL = make_redis()
    CELERY_BROKER_TRANSPORT = "civiparoisse.redis_broker:Transport"
    # Longer than the longest task: tasks are short by design, a wait is a new message.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": 3600}
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = True
else:
    CELERY_BROKER_URL, CELERY_BROKER_USE_SSL = "filesystem://localhost", None
    CELERY_BROKER_TRANSPORT = "civiparoisse.broker:Transport"
    # Remote control is a broadcast to every process that ever ran, in files nobody removes.
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        # A step that waits for the next hears of it this soon; each look lists one directory.
        "polling_interval": 0.1,
    }
# Threads of one process: no lock is shared with a child that may die holding it (a pool of processes shares that of its
# queue, and the others would wait for it for ever). Steps are short and mostly wait for others. A process that dies is
# started again, and its operations are taken over when their leases end.
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = read_integer("CIVIPAROISSE_WORKER_THREADS", default=4, minimum=1, maximum=256)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# For ever: a worker that gave up would have to be started by a person.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None

"""The manager's processes, each in the foreground: a pod, a systemd unit or the keeper of services.py starts these."""

from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command

from civiparoisse.celery import app
from civiparoisse.version import VERSION


def ensure_static_files() -> None:
    """Collect the pages' styles and scripts unless this version has done so; an image brings them already collected."""
    marker = settings.STATIC_ROOT / ".version"
    if marker.is_file() and marker.read_text() == VERSION:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    marker.write_text(VERSION)


def serve_web(address: str) -> None:
    """Serve pages and API at `address` (HOST:PORT) until SIGTERM; requests under way are finished."""
    from civiparoisse.web import main

    ensure_static_files()
    main(address)


def serve_worker() -> None:
    """Execute operations until SIGTERM; the steps under way are finished, and their operations are free for others."""
    app.start(["worker", "--loglevel", "INFO", "--without-mingle"])


def serve_beat() -> None:
    """Ring for what is due until SIGTERM."""
    app.start(["beat", "--loglevel", "INFO", "--pidfile", ""])


def serve_all() -> None:
    """Serve all three until SIGTERM or Ctrl-C, and start again what dies: one machine, without systemd."""
    from civiparoisse.services import run_foreground

    ensure_static_files()
    run_foreground()


SERVICES: dict[str, Callable[[], None]] = {"worker": serve_worker, "beat": serve_beat, "all": serve_all}

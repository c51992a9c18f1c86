"""Settings of the log (docs/watch.md): one stream per process, its standard error (what a command
prints is its answer), as text or as JSON."""

from typing import Any

from civiparoisse.env import read_choice, read_text

__all__ = ["LOGGING"]

LOG_FORMAT = read_choice("CIVIPAROISSE_LOG_FORMAT", default="text", choices=("text", "json"))
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "civiparoisse.log_lines.TextLine",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "civiparoisse.log_lines.JsonLine"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    # It tells at INFO which authentication plugin each connection uses.
    "loggers": {"mysql.connector": {"level": "WARNING"}, "axes": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": read_text("CIVIPAROISSE_LOG_LEVEL", "INFO")},
}

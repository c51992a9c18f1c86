"""Application `console`."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The pages of the administration."""

    name = "console"

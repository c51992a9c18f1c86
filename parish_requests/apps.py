"""Application `parish_requests`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParishRequestsConfig(AppConfig):
    """Names the application for people."""

    name = "parish_requests"
    verbose_name = _("Requests of parishes")

    def ready(self) -> None:
        """Give the states of requests their words."""
        from domain.words import add_words
        from parish_requests.choices import RequestState

        add_words("request_state", dict(RequestState.choices))

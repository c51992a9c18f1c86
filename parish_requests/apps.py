"""Application `parish_requests`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParishRequestsConfig(AppConfig):
    """Names the application for people."""

    name = "parish_requests"
    verbose_name = _("Requests of parishes")

    def ready(self) -> None:
        """Give the states of requests their words, keep sets that requests name, attach operations to requests."""
        from backups.holders import register_holder
        from domain.words import add_words
        from operations.hooks import register_listeners
        from parish_requests.choices import RequestState
        from parish_requests.pinning import find_requested
        from parish_requests.running import note_begun

        register_holder(find_requested)
        register_listeners(change=note_begun)
        add_words("request_state", dict(RequestState.choices))

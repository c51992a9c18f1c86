"""Application `parish_requests`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParishRequestsConfig(AppConfig):
    """Names the application for people."""

    name = "parish_requests"
    verbose_name = _("Requests of parishes")

    def ready(self) -> None:
        """Give the states of requests their words, keep sets that requests name, attach operations to requests, have
        moves told, and what is wrong looked at."""
        from backups.holders import register_holder
        from domain.words import add_words
        from operations.hooks import register_listeners
        from parish_requests.checks import SOURCE
        from parish_requests.choices import RequestState
        from parish_requests.expiry import register_warner
        from parish_requests.moves import register_listener
        from parish_requests.notices import announce, announce_end_soon
        from parish_requests.pinning import find_requested
        from parish_requests.running import note_begun, ring_when_due
        from watch.catalogue import add_source

        register_holder(find_requested)
        register_listeners(change=note_begun)
        add_words("request_state", dict(RequestState.choices))
        register_listener(announce)
        register_listener(ring_when_due)
        register_warner(announce_end_soon)
        add_source(SOURCE)

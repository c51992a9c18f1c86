"""Application `campaigns`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """Names the application for people."""

    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        """Give the states of campaigns their words, tie operations to members, and have what is wrong looked at."""
        from campaigns.asking import note_change
        from campaigns.checks import SOURCE
        from campaigns.choices import CampaignState
        from domain.words import add_words
        from operations.hooks import register_listeners
        from watch.catalogue import add_source

        add_words("campaign_state", dict(CampaignState.choices))
        register_listeners(change=note_change)
        add_source(SOURCE)

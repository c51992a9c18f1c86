"""Application `campaigns`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """Names the application for people."""

    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        """Give the states of campaigns their words."""
        from campaigns.choices import CampaignState
        from domain.words import add_words

        add_words("campaign_state", dict(CampaignState.choices))

"""Application `clusters`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClustersConfig(AppConfig):
    """Names the application for people."""

    name = "clusters"
    verbose_name = _("Clusters")

    def ready(self) -> None:
        """Register the check and the kind of operation of this app."""
        from clusters import checks  # noqa: F401 - importing registers it
        from clusters.kinds.removal import REMOVE
        from operations.registry import register_kind

        register_kind(REMOVE)

"""Application `clusters`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClustersConfig(AppConfig):
    """Names the application for people."""

    name = "clusters"
    verbose_name = _("Clusters")

    def ready(self) -> None:
        """Register the check and the kinds of operation of this app."""
        from clusters import checks  # noqa: F401 - importing registers it
        from clusters.kinds.adoption import ADOPT
        from clusters.kinds.removal import REMOVE
        from operations.registry import register_kind

        for kind in (ADOPT, REMOVE):
            register_kind(kind)

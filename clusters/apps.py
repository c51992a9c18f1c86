"""Application `clusters`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClustersConfig(AppConfig):
    """Names the application for people."""

    name = "clusters"
    verbose_name = _("Clusters")

    def ready(self) -> None:
        """Register the check, the engines and the kinds of operation of this app."""
        from clusters import checks  # noqa: F401 - importing registers it
        from clusters.engines import list_cluster_names, resolve_engine
        from clusters.kinds.adoption import ADOPT
        from clusters.kinds.certificates import RENEW
        from clusters.kinds.removal import REMOVE
        from clusters.kinds.tools import TOOLS
        from engine.registry import register_resolver
        from operations.registry import register_kind

        register_resolver(resolve_engine, list_cluster_names)

        for kind in (ADOPT, RENEW, REMOVE, TOOLS):
            register_kind(kind)

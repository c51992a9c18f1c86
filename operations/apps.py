"""Application `operations`."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Names the application for people."""

    name = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        """Register the kinds of operation of this app, and have the shipped roles kept after every migration."""
        from operations.kinds.provision import PROVISION
        from operations.kinds.resize import RESIZE
        from operations.kinds.resume import RESUME
        from operations.kinds.suspend import SUSPEND
        from operations.registry import register_kind
        from operations.role_groups import keep_roles

        post_migrate.connect(keep_roles, dispatch_uid="roles")
        for kind in (PROVISION, SUSPEND, RESUME, RESIZE):
            register_kind(kind)

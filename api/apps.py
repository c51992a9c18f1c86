"""Application `api`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """Names the application for people."""

    name = "api"
    verbose_name = _("REST API")

    def ready(self) -> None:
        """Have tokens that end soon told with what else is wrong."""
        from api.tokens import list_token_faults
        from operations.watch import register_fault_source

        register_fault_source(list_token_faults)

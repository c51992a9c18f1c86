"""Application `finops`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FinopsConfig(AppConfig):
    """Names the application for people."""

    name = "finops"
    verbose_name = _("Costs")

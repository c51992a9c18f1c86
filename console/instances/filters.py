"""How the list of instances is narrowed to those with one trouble."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from tenants.models import Instance
from watch.checks.trouble_rules import Trouble
from watch.checks.troubles import TROUBLES, list_troubled


class TroubleFilter(admin.SimpleListFilter):
    """Narrows the list to the instances with one trouble; the first page leads here."""

    title = gettext_lazy("what is wrong")
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's
        """Return every trouble."""
        return [(trouble.value, rule.label) for trouble, rule in TROUBLES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Instance]) -> QuerySet[Instance]:  # noqa: ARG002
        """Return the instances with the chosen trouble, all of them without a choice."""
        chosen = next((trouble for trouble in Trouble if trouble.value == self.value()), None)
        if chosen is None:
            return queryset
        found = list_troubled(chosen, now=timezone.now())
        return queryset.filter(pk__in=found.order_by().values("pk"))

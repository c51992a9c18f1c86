"""How the list of requests is narrowed: what is open, unless something else is chosen."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from console.requests.columns import select_waiting
from domain.parish_requests import ENDED_STATES, OPEN_STATES, RequestState
from parish_requests.models import RestoreRequest


class StandingFilter(admin.SimpleListFilter):
    """What is open and was sent, unless something else is chosen."""

    title = gettext_lazy("what is shown")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's
        """Return the other choices; without one: what was sent and has not ended."""
        return [
            ("waiting", gettext_lazy("Waiting for UEPAL")),
            ("ended", gettext_lazy("Ended")),
            ("all", gettext_lazy("All of them")),
        ]

    def choices(self, changelist: Any) -> Any:
        """Name the first choice for what it shows."""
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": gettext_lazy("Open")} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[RestoreRequest]) -> QuerySet[RestoreRequest]:
        """Return the chosen requests; a state that was chosen too is not narrowed by the first choice."""
        chosen = self.value()
        if chosen == "waiting":
            return select_waiting(queryset, now=timezone.now())
        if chosen == "ended":
            return queryset.filter(state__in=_list_values(ENDED_STATES))
        if chosen == "all" or "state__exact" in request.GET:
            return queryset
        return queryset.filter(state__in=_list_values(OPEN_STATES - {RequestState.DRAFT}))


def _list_values(states: Any) -> list[str]:
    return sorted(state.value for state in states)

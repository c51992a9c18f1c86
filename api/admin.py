"""Tokens of the REST API for people: who has one, whether it is used. `api_token_create` makes them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from api.models import ApiToken
from civiparoisse.admin_base import ReadOnlyAdmin, display
from civiparoisse.presentation import format_time


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """The list; a token's secret is nowhere to be seen."""

    list_display = ("public_id", "label", "user", "show_created", "show_used", "show_revoked")
    search_fields = ("public_id", "label", "user__username")
    fields = ("public_id", "label", "user", "created_at", "last_used_at", "revoked_at")

    @display(description=_("created"), ordering="created_at")
    def show_created(self, token: ApiToken) -> str:
        """Return when it was made."""
        return format_time(token.created_at)

    @display(description=_("last used"), ordering="last_used_at")
    def show_used(self, token: ApiToken) -> str:
        """Return when it was last used."""
        return format_time(token.last_used_at)

    @display(description=_("revoked"), ordering="revoked_at")
    def show_revoked(self, token: ApiToken) -> str:
        """Return since when it opens nothing."""
        return format_time(token.revoked_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        """Return tokens with their accounts."""
        rows: QuerySet[ApiToken] = super().get_queryset(request)
        return rows.select_related("user")

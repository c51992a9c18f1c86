"""Tokens of the REST API for people: who has one, what it may do, until when; made (shown once) and revoked here."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.models import ApiToken, TokenScope
from api.tokens import create_token, is_ending, join_some, revoke_token
from civiparoisse.admin_base import (
    ModelAdmin,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    display,
)
from civiparoisse.presentation import BAD, DOUBTFUL, GOOD, format_time
from domain.errors import CiviparoisseError
from operations.permissions import require

STATES = {"live": GOOD, "ending": DOUBTFUL, "over": BAD}


class TokenForm(forms.Form):
    """A new token: for whom, what for, what it may do and how long."""

    user = forms.ModelChoiceField(
        label=gettext_lazy("account"), queryset=User.objects.none(), widget=UnfoldAdminSelectWidget
    )
    label = forms.CharField(
        label=gettext_lazy("label"),
        help_text=gettext_lazy("What will use the token."),
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("scopes"),
        choices=TokenScope.choices,
        initial=[TokenScope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
    # Typed, not chosen from a list: the page stays small whatever the number of parishes.
    parishes = forms.CharField(
        label=gettext_lazy("parishes"),
        help_text=gettext_lazy("Sub-domains of those that it may touch, with spaces between; empty: all."),
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    days = forms.IntegerField(
        label=gettext_lazy("days until its end"),
        min_value=1,
        max_value=settings.API_TOKEN_MOST_DAYS,
        initial=settings.API_TOKEN_DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    def __init__(self, asker: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = User.objects.filter(is_active=True, is_staff=True)
        # A token does what its account may do: nobody lends themselves the rights of another.
        self.fields["user"].queryset = rows if asker.is_superuser else rows.filter(pk=asker.pk)  # type: ignore[attr-defined]
        self.fields["user"].initial = asker.pk

    def make(self, *, requested_by: str) -> tuple[ApiToken, str]:
        """Return the new token and its plain text. Raise ValidationError for what is refused."""
        values = self.cleaned_data
        try:
            return create_token(
                values["user"].get_username(),
                values["label"],
                scopes=values["scopes"],
                parishes=_read_names(values["parishes"]),
                days=values["days"],
                requested_by=requested_by,
            )
        except CiviparoisseError as error:
            raise ValidationError(str(error)) from error


def _read_names(text: str) -> list[str] | None:
    """Return the names in `text`, None for an empty one; what holds no name is taken as one, which nobody has."""
    return (re.findall(r"[^\s,;]+", text) or [text]) if text else None


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """The list; a token's secret is seen once, when it is made."""

    actions = ("revoke_chosen",)
    list_display = (
        "public_id",
        "label",
        "user",
        "show_scopes",
        "show_parishes",
        "show_state",
        "show_created",
        "show_expires",
        "show_used",
        "show_revoked",
    )
    search_fields = ("public_id", "label", "user__username")
    fields = (
        *("public_id", "label", "user", "show_scopes", "show_parishes", "made_by", "created_at"),
        *("expires_at", "last_used_at", "revoked_at", "revoked_by"),
    )
    readonly_fields = ("show_scopes", "show_parishes")

    @display(description=gettext_lazy("state"), colours=STATES)
    def show_state(self, token: ApiToken) -> tuple[str, str]:
        """Return whether it opens the door, and whether it is time to renew it."""
        now = timezone.now()
        if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
            return "over", _("opens nothing")
        return ("ending", _("to be renewed")) if is_ending(token, now=now) else ("live", _("in use"))

    @display(description=gettext_lazy("scopes"))
    def show_scopes(self, token: ApiToken) -> str:
        """Return what it may be used for."""
        return token.scope_labels

    @display(description=gettext_lazy("parishes"))
    def show_parishes(self, token: ApiToken) -> str:
        """Return which parishes it may touch."""
        names = token.parish_names
        return _("all") if names is None else join_some(names) or _("none")

    @display(description=gettext_lazy("created"), ordering="created_at")
    def show_created(self, token: ApiToken) -> str:
        """Return when it was made."""
        return format_time(token.created_at)

    @display(description=gettext_lazy("expires"), ordering="expires_at")
    def show_expires(self, token: ApiToken) -> str:
        """Return when it ends."""
        return format_time(token.expires_at)

    @display(description=gettext_lazy("last used"), ordering="last_used_at")
    def show_used(self, token: ApiToken) -> str:
        """Return when it was last used."""
        return format_time(token.last_used_at)

    @display(description=gettext_lazy("revoked"), ordering="revoked_at")
    def show_revoked(self, token: ApiToken) -> str:
        """Return since when it opens nothing."""
        return format_time(token.revoked_at)

    @admin.action(description=gettext_lazy("Revoke the chosen tokens"))
    def revoke_chosen(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        """Make the chosen tokens useless, for ever."""
        require(request.user, "api.change_apitoken")
        for token in tokens:
            revoke_token(token.public_id, requested_by=request.user.get_username())
        messages.success(request, _("Revoked: %(names)s.") % {"names": ", ".join(token.public_id for token in tokens)})

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """Ask for a new token; on POST, make it and show it, once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = TokenForm(request.user, request.POST or None)  # type: ignore[arg-type]
        made: tuple[ApiToken, str] | None = None
        if request.method == "POST" and form.is_valid():
            try:
                made = form.make(requested_by=request.user.get_username())
            except ValidationError as error:
                form.add_error(None, error)
        frame = self.admin_site.each_context(request)
        context = {**frame, "opts": self.opts, "title": _("New token"), "form": form, "made": made}
        return TemplateResponse(request, "api/token.html", context)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether tokens may be revoked; a token's own page is only looked at."""
        return obj is None and super().has_change_permission(request, obj)  # type: ignore[no-any-return]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        """Return False: a revoked token stays."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        """Return tokens with their accounts."""
        rows: QuerySet[ApiToken] = super().get_queryset(request)
        return rows.select_related("user").prefetch_related("parishes")

"""Contacts of parishes: who may ask, who is told, and whether their address is confirmed."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from civiparoisse.admin_base import AutocompleteSelectFilter, ModelAdmin, display, show_refusal
from console.contacts.forms import ContactForm
from console.contacts.states import CHANGE, describe_state, make_state_badge
from domain.errors import CiviparoisseError
from domain.parish_requests import OPEN_STATES
from operations.permissions import may, require
from parish_requests.contacts import add_contact, change_contact, remove_contact, resend_confirmation
from parish_requests.models import ParishContact


class ConfirmedFilter(admin.SimpleListFilter):
    """Those whose address is confirmed, or not yet."""

    title = gettext_lazy("address")
    parameter_name = "confirmed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's
        """Return the two choices."""
        return [("yes", gettext_lazy("confirmed")), ("no", gettext_lazy("not confirmed yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ParishContact]) -> QuerySet[ParishContact]:  # noqa: ARG002
        """Return the chosen contacts."""
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(confirmed_at__isnull=self.value() == "no")


@admin.register(ParishContact)
class ParishContactAdmin(ModelAdmin):
    """People of the parishes. A mail confirms each address; removing one ends at once all that the person may do."""

    actions = None
    form = ContactForm
    delete_confirmation_template = "parish_requests/remove_contact.html"
    change_form_outer_before_template = "parish_requests/contact_state.html"
    list_display = ("name", "mail", "tenant", "may_ask", "is_informed", "show_state")
    list_filter = (("tenant", AutocompleteSelectFilter), ConfirmedFilter, "may_ask", "is_informed")
    list_filter_submit = True
    search_fields = ("name", "mail", "tenant__name", "tenant__slug")
    ordering = ("tenant__name_key", "name", "pk")
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("tenant", "name", "mail")}),
        (gettext_lazy("What the person may do"), {"fields": ("may_ask", "is_informed")}),
    )

    @display(description=gettext_lazy("address confirmed"), ordering="confirmed_at")
    def show_state(self, contact: ParishContact) -> SafeString:
        """Return whether the address was confirmed."""
        return make_state_badge(contact)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ParishContact]:
        """Return contacts with their parishes, passwords left out."""
        rows: QuerySet[ParishContact] = super().get_queryset(request)
        return rows.select_related("tenant").defer("tenant__smtp_password", "tenant__imap_password")

    def get_urls(self) -> list[URLPattern]:
        """Add the address that sends the confirmation's mail again."""
        view = self.admin_site.admin_view(require_POST(self.resend))
        return [path("<int:pk>/resend/", view, name="parish_requests_parishcontact_resend"), *super().get_urls()]

    def resend(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send the mail that confirms the address once more; the one before opens nothing any more."""
        require(request.user, CHANGE)
        contact = self.get_object(request, str(pk))
        if contact is None:
            raise Http404
        try:
            resend_confirmation(contact, now=timezone.now())
        except CiviparoisseError as error:
            show_refusal(request, error)
        else:
            messages.success(request, _("The mail is on its way to %(mail)s.") % {"mail": contact.mail})
        return redirect("admin:parish_requests_parishcontact_change", contact.pk)

    def save_model(self, request: HttpRequest, obj: ParishContact, form: Any, change: bool) -> None:  # noqa: ARG002 - Django's
        """Record it through its only door, which sends the mail; a change is of what the person may do."""
        if change:
            change_contact(obj, name=obj.name, may_ask=obj.may_ask, is_informed=obj.is_informed)
            return
        given = {name: getattr(obj, name) for name in ("name", "mail", "may_ask", "is_informed")}
        by = request.user.get_username()
        obj.pk = add_contact(obj.tenant, **given, by=by, now=timezone.now()).pk
        obj.refresh_from_db()
        messages.info(request, describe_state(obj))

    def delete_model(self, request: HttpRequest, obj: ParishContact) -> None:  # noqa: ARG002 - Django's
        """Remove it through its only door."""
        remove_contact(obj, now=timezone.now())

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """Return what goes with the contact, in sentences, and what stays."""
        told: list[Any] = []
        for contact in objs:
            told.append(
                _("Whoever is signed in with this address is out at once; links sent there open nothing any more.")
            )
            count = contact.requests.filter(state__in=list(OPEN_STATES)).count()
            if count:
                told.append(
                    _("Open requests of this contact: %(count)s. They stay, and UEPAL decides.") % {"count": count}
                )
        lacking = (
            set() if all(self.has_delete_permission(request, row) for row in objs) else {str(self.opts.verbose_name)}
        )
        return told, {str(self.opts.verbose_name_plural): len(objs)}, lacking, []

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show the form, and add; what is refused at the last moment is told."""
        return self._refuse_gently(
            request, request.get_full_path(), lambda: super(ParishContactAdmin, self).add_view(
                request, form_url, extra_context
            )
        )  # fmt: skip

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Ask, then remove; what is refused is told."""
        back = reverse("admin:parish_requests_parishcontact_changelist")
        return self._refuse_gently(
            request, back, lambda: super(ParishContactAdmin, self).delete_view(request, object_id, extra_context)
        )

    def _refuse_gently(self, request: HttpRequest, back: str, view: Any) -> HttpResponse:
        try:
            return view()  # type: ignore[no-any-return]
        except CiviparoisseError as error:
            show_refusal(request, error)
            return redirect(back)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form, and above it the state of the confirmation with the button that sends it again."""
        contact = self.get_object(request, object_id)
        shown: dict[str, Any] = {}
        if contact is not None and self.has_view_permission(request, contact):
            may_resend = contact.confirmed_at is None and may(request.user, CHANGE)
            shown = {
                "state_badge": make_state_badge(contact),
                "state_sentence": describe_state(contact),
                "resend": reverse("admin:parish_requests_parishcontact_resend", args=[contact.pk])
                if may_resend
                else "",
            }
        return super().change_view(  # type: ignore[no-any-return]
            request, object_id, form_url, {**(extra_context or {}), **shown}
        )

"""Requests of parishes: the list, the page of one with all that its decision takes, and the way to its other pages."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.admin_base import AutocompleteSelectFilter, ReadOnlyAdmin, display, make_page
from civiparoisse.presentation import NOTHING, format_time
from console.requests.columns import describe_asker, make_state_badge, select_for_list
from console.requests.deciding import decide
from console.requests.decisions import ENTER
from console.requests.entering import enter
from console.requests.facts import describe_request
from console.requests.filters import StandingFilter
from console.requests.undoing import undo_operation
from domain.parish_requests import RequestState
from operations.permissions import may
from parish_requests.export import export_record
from parish_requests.models import RestoreRequest


@admin.register(RestoreRequest)
class RestoreRequestAdmin(ReadOnlyAdmin):
    """What parishes ask for. Rows are moved through their pages alone, never changed or deleted as rows."""

    list_display = (
        "show_reference",
        "tenant",
        "wish",
        "show_state",
        "show_asker",
        "show_sent",
        "show_end",
    )
    list_filter = (StandingFilter, "state", ("tenant", AutocompleteSelectFilter), "wish")
    list_filter_submit = True
    search_fields = ("reference", "asked_name", "asked_mail", "external_reference", "tenant__name", "tenant__slug")
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False

    @display(description=gettext_lazy("reference"))
    def show_reference(self, request: RestoreRequest) -> SafeString:
        """Return the reference, leading to its page."""
        return format_html('<span class="cp-whole">{}</span>', request.reference)

    @display(description=gettext_lazy("state"))
    def show_state(self, request: Any) -> SafeString:
        """Return the state as a badge; where it takes several persons, how many have approved."""
        badge = make_state_badge(request)
        if request.state != RequestState.SUBMITTED.value or request.approvals_needed < 2:
            return badge
        told = _("approved %(count)s of %(needed)s") % {
            "count": request.approved_by,
            "needed": request.approvals_needed,
        }
        return format_html('{} <span class="cp-quiet">{}</span>', badge, told)

    @display(description=gettext_lazy("asked by"))
    def show_asker(self, request: RestoreRequest) -> str:
        """Return who asked, and who entered it."""
        return describe_asker(request)

    @display(description=gettext_lazy("sent"))
    def show_sent(self, request: RestoreRequest) -> str:
        """Return when it was sent."""
        return format_time(request.submitted_at)

    @display(description=gettext_lazy("ends unanswered"))
    def show_end(self, request: RestoreRequest) -> str:
        """Return when it ends if nobody answers."""
        return format_time(request.expires_at) if request.state == RequestState.SUBMITTED.value else NOTHING

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:  # noqa: ARG002 - Django's signature
        """Return the order of the list: what waits for UEPAL, what is open, the rest; the newest first in each."""
        return ("rank", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RestoreRequest]:  # noqa: ARG002 - Django's signature
        """Return requests with what the list shows."""
        return select_for_list(RestoreRequest.objects.all())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's
        """Return whether the person may enter a request for a parish."""
        return may(request.user, ENTER)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Enter a request for a parish that reached UEPAL by another way."""
        del form_url, extra_context
        return enter(self, request)

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of what is done with a request, its record as a document, and the undo of a restore."""
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/part/", wrap(self.show_part), name="parish_requests_restorerequest_part"),
            path("<int:pk>/export/", wrap(self.export), name="parish_requests_restorerequest_export"),
            path("<int:pk>/decide/<slug:code>/", wrap(self.decide), name="parish_requests_restorerequest_decide"),
            path("undo/<int:pk>/", wrap(self.undo), name="parish_requests_restorerequest_undo"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Return the page of a request."""
        del form_url, extra_context
        row = self._get_row(request, object_id)
        return make_page(
            self, request, "parish_requests/page.html", row=row, title=row.reference, **describe_request(request, row)
        )

    def show_part(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the part of the page that changes, for the script that reads it again."""
        return render(request, "parish_requests/part.html", describe_request(request, self._get_row(request, pk)))

    def decide(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        """Show what something done with the request would do; on POST, do it."""
        return decide(self, request, self._get_row(request, pk), code)

    def export(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the record as one document for the parish council."""
        row = self._get_row(request, pk)
        name = f"demande-{row.reference}.txt"
        return HttpResponse(
            export_record(row),
            content_type="text/plain; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what the undo of a restore would do; on POST, ask for it."""
        return undo_operation(self, request, pk)

    def get_page_address(self, request: RestoreRequest) -> str:
        """Return the address of the page of a request."""
        return reverse("admin:parish_requests_restorerequest_change", args=[request.pk])

    def _get_row(self, http: HttpRequest, pk: int | str) -> RestoreRequest:
        """Return the request with all that its pages show. Raise PermissionDenied or Http404."""
        if not self.has_view_permission(http):
            raise PermissionDenied
        rows = RestoreRequest.objects.select_related("tenant", "instance__tenant", "backup", "operation", "undoes")
        rows = rows.defer("tenant__smtp_password", "tenant__imap_password", "instance__secrets")
        row = rows.filter(pk=pk).first() if str(pk).isdecimal() else None
        if row is None:
            raise Http404
        return row

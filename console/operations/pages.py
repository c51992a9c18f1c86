"""Operations for people: what was asked, how far it is, why it failed and what to do. They can be cancelled here."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from civiparoisse.admin_base import ReadOnlyAdmin, display, make_page, show_refusal
from civiparoisse.presentation import (
    BAD,
    BUSY,
    DOUBTFUL,
    GOOD,
    QUIET,
    format_duration,
    format_time,
    make_progress,
    measure_seconds,
)
from console.backups.contents import make_contents
from console.operations.choices import list_choices
from console.requests.undoing import make_undo
from console.templatetags.people import OF_A_CAMPAIGN, OF_A_REQUEST, requester, state_word
from domain.errors import CiviparoisseError, render_error
from domain.journal_texts import word_entry
from domain.states import (
    ACTIVE_OPERATION_STATES,
    OperationKind,
    OperationState,
    StepState,
)
from domain.words import word, word_progress
from operations.change_parameters import list_volume_changes
from operations.models import Operation, OperationEvent, OperationStep
from operations.permissions import CANCEL, may, may_ask, require
from operations.registry import get_kind, list_kinds
from operations.requests import request_cancel
from operations.selectors import get_step_label
from operations.steps.deletion import UNDO_UNTIL_KEY
from parish_requests.models import RestoreRequest
from tenants.models import Plan

STATE_COLOURS = {
    OperationState.QUEUED.value: BUSY,
    OperationState.RUNNING.value: BUSY,
    OperationState.WAITING.value: BUSY,
    OperationState.SUCCEEDED.value: GOOD,
    OperationState.FAILED.value: BAD,
    OperationState.CANCELLED.value: DOUBTFUL,
}
STEP_COLOURS = {
    StepState.PENDING.value: QUIET,
    StepState.RUNNING.value: BUSY,
    StepState.DONE.value: GOOD,
    StepState.FAILED.value: BAD,
    StepState.SKIPPED.value: QUIET,
}
SHOWN_EVENTS = 50
SEE_REQUESTS = "parish_requests.view_restorerequest"
SEE_CAMPAIGNS = "campaigns.view_campaign"


class KindFilter(admin.SimpleListFilter):
    """Narrows the list to one kind."""

    title = gettext_lazy("operation")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's
        """Return the kinds there are."""
        return [(kind.code, str(kind.label)) for kind in list_kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Operation]) -> QuerySet[Operation]:  # noqa: ARG002
        """Return the operations of the chosen kind; all while none is chosen."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin):
    """The history, newest first; each operation's page follows it while it runs."""

    list_display = ("public_id", "show_kind", "subject", "show_state", "show_progress", "show_requester", "show_asked")
    list_filter = ("state", KindFilter)
    search_fields = ("public_id", "subject", "requested_by")
    list_per_page = 50

    @display(description=gettext_lazy("operation"), ordering="kind")
    def show_kind(self, operation: Operation) -> str:
        """Return what was asked."""
        return str(operation.get_kind_display())

    @display(description=gettext_lazy("state"), ordering="state", colours=STATE_COLOURS)
    def show_state(self, operation: Operation) -> tuple[str, str]:
        """Return the state with its badge."""
        return operation.state, state_word(operation)

    @display(description=gettext_lazy("progress"))
    def show_progress(self, operation: Operation) -> str | SafeString:
        """Return a bar while it runs, then how long it took."""
        if operation.state in ACTIVE_OPERATION_STATES:
            return make_progress(operation.progress)
        seconds = measure_seconds(operation.started_at, operation.ended_at, now=timezone.now())
        return format_duration(seconds)

    @display(description=gettext_lazy("requested by"), ordering="requested_by")
    def show_requester(self, operation: Operation) -> str:
        """Return who asked."""
        return requester(operation.requested_by)

    @display(description=gettext_lazy("requested"), ordering="created_at")
    def show_asked(self, operation: Operation) -> str:
        """Return when it was asked."""
        return format_time(operation.created_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        """Return operations without what only the runner needs."""
        rows: QuerySet[Operation] = super().get_queryset(request)
        return rows.defer("data", "result", "parameters")

    def get_urls(self) -> list[URLPattern]:
        """Add the part that is read again while it runs, and the cancel."""
        own = [
            path("<int:pk>/progress/", self.admin_site.admin_view(self.show_part), name="operations_progress"),
            path("<int:pk>/cancel/", self.admin_site.admin_view(self.ask_cancel), name="operations_cancel"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """Return the operation's page."""
        operation = self._get_row(request, object_id)
        return make_page(
            self,
            request,
            "operations/page.html",
            row=operation,
            title=operation.public_id,
            **self._describe(request, operation),
        )

    def show_part(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the part of the page that changes, for the script that reads it again."""
        operation = self._get_row(request, str(pk))
        return render(request, "operations/progress.html", self._describe(request, operation))

    def ask_cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask whether to cancel; on POST, cancel."""
        operation = self._get_row(request, str(pk))
        require(request.user, CANCEL)
        page = reverse("admin:operations_operation_change", args=[operation.pk])
        if request.method != "POST":
            return make_page(
                self,
                request,
                "operations/cancel.html",
                row=operation,
                title=operation.public_id,
                operation=operation,
                back=page,
            )
        try:
            request_cancel(operation, requested_by=request.user.get_username())
        except CiviparoisseError as error:
            show_refusal(request, error)
        else:
            messages.success(request, _("The cancel was asked: the operation stops before its next step."))
        return redirect(page)

    def _get_row(self, request: HttpRequest, object_id: str) -> Operation:
        if not self.has_view_permission(request):
            raise PermissionDenied
        operation = self.get_object(request, object_id)
        if operation is None:
            raise Http404
        return operation  # type: ignore[no-any-return]

    def _describe(self, request: HttpRequest, operation: Operation) -> dict[str, Any]:
        """Return what the page shows. As many queries, whatever the number of steps."""
        now = timezone.now()
        is_active = operation.state in ACTIVE_OPERATION_STATES
        message, hint = render_error(operation.error_code, operation.error_params) if operation.error_code else ("", "")
        may_cancel = may(request.user, CANCEL)
        return {
            "operation": operation,
            "message": word_progress(operation.message),
            "is_active": is_active,
            "colour": STATE_COLOURS[operation.state],
            "steps": [_describe_step(operation, step, now=now) for step in operation.steps.all()],
            "events": [_describe_event(event) for event in operation.events.order_by("-pk")[:SHOWN_EVENTS]],
            "duration": format_duration(measure_seconds(operation.started_at, operation.ended_at, now=now)),
            "error_message": message,
            "error_hint": hint,
            "can_cancel": is_active and may_cancel and not operation.cancel_requested,
            "choices": list_choices(operation),
            "contents": make_contents(operation),
            "request_link": _find_origin(request, operation),
            "restore_undo": make_undo(operation, request.user),
            "undo": _make_undo_address(operation) if may_ask(request.user, OperationKind.RESIZE) else "",
            "undo_until": _read_undo_time(operation) if is_active else "",
        }


def _find_origin(request: HttpRequest, operation: Operation) -> str:
    """Return the address of the request of a parish, or of the campaign, that it was begun for, as far as the person
    may see it; empty for every other operation."""
    asker = operation.requested_by
    if (found := OF_A_REQUEST.fullmatch(asker)) and may(request.user, SEE_REQUESTS):
        row: Model | None = RestoreRequest.objects.filter(reference=found.group(1)).only("pk").first()
    elif (found := OF_A_CAMPAIGN.fullmatch(asker)) and may(request.user, SEE_CAMPAIGNS):
        row = Campaign.objects.filter(public_id=found.group(1)).only("pk").first()
    else:
        return ""
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk]) if row is not None else ""


def _make_undo_address(operation: Operation) -> str:
    """Return the page that asks for the earlier plan again, while the one that this operation gave can be given up."""
    instance = operation.instance
    if operation.kind != OperationKind.RESIZE or operation.state != OperationState.SUCCEEDED or instance is None:
        return ""
    plan = Plan.objects.filter(name=operation.result.get("plan_before", "")).first()
    is_present = instance.plan.name == operation.result.get("plan")
    if plan is None or not is_present or not get_kind(OperationKind.RESIZE).may_be_asked_in(instance.state):
        return ""
    if any(asked < present for present, asked in list_volume_changes(instance, plan).values()):
        return ""
    address = reverse("admin:tenants_instance_ask", args=[instance.pk, OperationKind.RESIZE])
    return f"{address}?{urlencode({'plan': plan.name})}"


def _read_undo_time(operation: Operation) -> str:
    """Return until when a deletion under way can be undone; empty for everything else."""
    if operation.kind != OperationKind.DELETE or UNDO_UNTIL_KEY not in operation.data:
        return ""
    return format_time(datetime.fromisoformat(operation.data[UNDO_UNTIL_KEY]))


def _describe_event(event: OperationEvent) -> dict[str, Any]:
    return {"at": event.at, "step": word("step", event.step), "message": word_entry(event.message)}


def _describe_step(operation: Operation, step: OperationStep, *, now: Any) -> dict[str, Any]:
    message, hint = word_progress(step.message), ""
    if step.error_code:
        message, hint = render_error(step.error_code, step.error_params)
    return {
        "label": get_step_label(operation, step),
        "state": step.get_state_display(),
        "colour": STEP_COLOURS[step.state],
        "is_running": step.state == StepState.RUNNING,
        "progress": step.progress,
        "duration": format_duration(measure_seconds(step.started_at, step.ended_at, now=now)),
        "message": message,
        "hint": hint,
        "attempt": step.attempt,
    }

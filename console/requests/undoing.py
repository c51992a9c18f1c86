"""The undo of a restore that succeeded, wherever it was asked from: the button on its operation, and its page."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from civiparoisse.admin_base import ModelAdmin, make_page, show_refusal
from civiparoisse.presentation import format_time
from console.requests.deciding import PAGE, make_actor
from console.requests.decisions import ENTER
from console.requests.forms import UndoForm
from domain.errors import CiviparoisseError
from domain.states import OperationKind, OperationState
from operations.models import Operation
from operations.permissions import may, require
from parish_requests.undoing import UNDO_FOR, UndoOffer, find_undo, request_undo


def make_undo(operation: Operation, person: Any) -> dict[str, str] | None:
    """Return the address of the page that undoes a restore and until when it can be asked, for its operation's page;
    None where there is nothing to undo, or not by `person`."""
    if not _is_done(operation) or not may(person, ENTER):
        return None
    offer = find_undo(operation)
    if offer is None:
        return None
    address = reverse("admin:parish_requests_restorerequest_undo", args=[operation.pk])
    return {"address": address, "until": format_time(offer.until)}


def undo_operation(model_admin: ModelAdmin, http: HttpRequest, pk: int) -> HttpResponse:
    """Show what is put back; on POST, ask for it as a request, which another person approves. Raise PermissionDenied
    or Http404."""
    require(http.user, ENTER)
    operation = Operation.objects.select_related("instance__tenant").filter(pk=pk).first()
    offer = find_undo(operation) if operation is not None and _is_done(operation) else None
    if operation is None or operation.instance is None:
        raise Http404
    if offer is None:
        show_refusal(http, CiviparoisseError("request_undo_over", days=UNDO_FOR.days))
        return redirect("admin:operations_operation_change", operation.pk)
    form = UndoForm(http.POST if http.method == "POST" else None)
    if http.method == "POST" and form.is_valid():
        return _ask(http, operation, form.cleaned_data)
    return _show(model_admin, http, operation, offer, form=form)


def _is_done(operation: Operation) -> bool:
    return operation.kind == OperationKind.RESTORE and operation.state == OperationState.SUCCEEDED


def _ask(http: HttpRequest, operation: Operation, values: dict[str, Any]) -> HttpResponse:
    try:
        request = request_undo(
            operation,
            actor=make_actor(http),
            why=values["why"],
            entered_by=http.user.get_username(),
            channel=values["channel"],
            now=timezone.now(),
        )
    except CiviparoisseError as error:
        show_refusal(http, error)
        return redirect("admin:operations_operation_change", operation.pk)
    messages.success(
        http, _("Asked as %(reference)s; another person decides on it.") % {"reference": request.reference}
    )
    return redirect(PAGE, request.pk)


def _show(
    model_admin: ModelAdmin, http: HttpRequest, operation: Operation, offer: UndoOffer, *, form: UndoForm
) -> HttpResponse:
    assert operation.instance is not None  # the caller looked
    return make_page(
        model_admin,
        http,
        "parish_requests/undo.html",
        row=operation,
        title=operation.public_id,
        operation=operation,
        instance=operation.instance,
        until=format_time(offer.until),
        saved_at=format_time(offer.safety.started_at),
        form=form,
        back=reverse("admin:operations_operation_change", args=[operation.pk]),
    )

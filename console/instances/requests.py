"""The page before an operation: what will happen, what can be chosen, and the button that begins it."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from backups.models import Backup, BackupState
from civiparoisse.admin_base import ModelAdmin, make_page
from civiparoisse.presentation import format_age, format_size
from console.instances.request_forms import RequestForm
from domain.errors import CiviparoisseError, NotFound
from domain.specs import InstanceKind
from operations.confirmation import refuse_unconfirmed
from operations.declarations import KindDefinition
from operations.declared_parameters import CONFIRM
from operations.models import Operation
from operations.permissions import require_kind
from operations.registry import get_kind
from operations.requests import describe_operation, request_operation
from operations.subjects import make_lock
from tenants.models import Instance

OFFERED_BACKUPS = 50
# A kind with this parameter has the list of backups on its page, which knows the instance that the picked one is of.
PICKED = "backup_id"


def ask_operation(model_admin: ModelAdmin, request: HttpRequest, instance: Instance, kind_name: str) -> HttpResponse:
    """Show what the operation would do; on POST, begin it and follow it. Raise PermissionDenied, Http404."""
    try:
        kind = get_kind(kind_name)
    except NotFound as error:
        raise Http404 from error
    if kind.of_objects:
        raise Http404
    require_kind(request.user, kind.code)
    if request.method == "POST":
        return _begin(model_admin, request, instance, kind)
    if request.GET.get("part") == "description":
        return _show_description(request, instance, kind)
    form = _make_form(
        instance, kind, initial={"idempotency_key": secrets.token_urlsafe(16), **_read_choice(request, kind)}
    )
    return _show_page(model_admin, request, instance, kind, form=form, values=_list_initial(form))


def list_restorable(instance: Instance, *, chosen: str = "") -> list[Backup]:
    """Return the good backups that may be put into `instance`, newest first, and `chosen` even if it is older.

    A production instance takes its own only; others also those of the same parish (a copy).
    """
    rows = Backup.objects.filter(state=BackupState.GOOD).select_related("instance").defer("instance__secrets")
    if instance.kind == InstanceKind.PRODUCTION:
        rows = rows.filter(instance=instance)
    else:
        rows = rows.filter(instance__tenant=instance.tenant_id)
    newest = list(rows.order_by("-started_at", "-pk")[:OFFERED_BACKUPS])
    if chosen and all(backup.backup_id != chosen for backup in newest):
        newest += rows.filter(backup_id=chosen)
    return newest


def _begin(model_admin: ModelAdmin, request: HttpRequest, instance: Instance, kind: KindDefinition) -> HttpResponse:
    form = _make_form(instance, kind, data=request.POST)
    if not form.is_valid():
        return _show_page(
            model_admin, request, instance, kind, form=form, values={**_list_initial(form), **_read(form)}
        )
    try:
        parameters = form.make_parameters(form.cleaned_data)
        refuse_unconfirmed(kind.code, instance.identifier, parameters)
        operation = request_operation(
            kind=kind.code,
            instance=instance,
            requested_by=request.user.get_username(),
            person=request.user,
            parameters=parameters,
            idempotency_key=f"admin:{request.user.pk}:{form.cleaned_data['idempotency_key']}",
        )
    except CiviparoisseError as error:
        return _show_page(model_admin, request, instance, kind, form=form, values=form.cleaned_data, refusal=error)
    messages.success(request, _("Asked: %(kind)s. This page follows it.") % {"kind": operation.get_kind_display()})
    return redirect("admin:operations_operation_change", operation.pk)


def _show_description(request: HttpRequest, instance: Instance, kind: KindDefinition) -> HttpResponse:
    form = _make_form(instance, kind, data=request.GET)
    form.is_valid()  # what is not typed yet (the confirmation) does not matter here
    values = {name: form.cleaned_data.get(name, "") for name in form.fields}
    return render(request, "tenants/description.html", _describe(instance, kind, form, values))


def _show_page(
    model_admin: ModelAdmin,
    request: HttpRequest,
    instance: Instance,
    kind: KindDefinition,
    *,
    form: RequestForm,
    values: dict[str, Any],
    refusal: CiviparoisseError | None = None,
) -> HttpResponse:
    now = timezone.now()
    chosen = str(values.get(PICKED, ""))
    backups = list_restorable(instance, chosen=chosen) if PICKED in form.fields else []
    described = _describe(instance, kind, form, values)
    context = {
        "instance": instance,
        "kind": kind.code,
        "heading": kind.button_label,
        "is_dangerous": kind.is_destructive,
        "form": form,
        "backups": [(row, format_age(row.started_at, now=now), format_size(row.stored_bytes)) for row in backups],
        "chosen": chosen,
        "needs_backup": PICKED in form.fields,
        "holder": Operation.objects.filter(lock=make_lock(kind, instance)).first(),
        "refused": refusal,
        **described,
    }
    return make_page(model_admin, request, "tenants/ask.html", row=instance, title=instance.identifier, **context)


def _describe(instance: Instance, kind: KindDefinition, form: RequestForm, values: dict[str, Any]) -> dict[str, Any]:
    """Return the sentences and steps, or why the operation cannot be asked."""
    if form.awaited and not values.get(form.awaited):
        return {"sentences": [], "steps": [], "refusal": None, "awaits_choice": form.awaited_text}
    try:
        description = describe_operation(kind=kind.code, instance=instance, parameters=form.make_parameters(values))
    except CiviparoisseError as error:
        return {"sentences": [], "steps": [], "refusal": error, "awaits_choice": ""}
    return {
        "sentences": description.sentences,
        "steps": description.steps,
        "refusal": None,
        "awaits_choice": "",
    }


def _make_form(instance: Instance, kind: KindDefinition, **arguments: Any) -> RequestForm:
    form = RequestForm(kind, instance, **arguments)
    if PICKED in form.fields:
        values = arguments.get("data") or arguments.get("initial") or {}
        backup = Backup.objects.filter(backup_id=values.get(PICKED, "")).select_related("instance").first()
        form.known["source"] = backup.instance.identifier if backup else instance.identifier
    return form


def _read_choice(request: HttpRequest, kind: KindDefinition) -> dict[str, str]:
    """Return what a link chose already: the backup to restore, the plan to go back to."""
    names = [parameter.name for parameter in kind.list_offered() if parameter.name != CONFIRM]
    return {name: request.GET[name] for name in names if name in request.GET}


def _list_initial(form: RequestForm) -> dict[str, Any]:
    return {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}


def _read(form: RequestForm) -> dict[str, Any]:
    return dict(form.cleaned_data)

"""Enters a request for a parish that reached UEPAL by another way; that it was so is said on it for ever."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from civiparoisse.admin_base import ModelAdmin, make_page, show_refusal
from console.requests.deciding import PAGE, make_actor
from console.requests.decisions import ENTER
from console.requests.entry_forms import EntryForm, InstanceForm
from domain.errors import CiviparoisseError, InvalidValue
from domain.specs import InstanceKind
from domain.states import InstanceState
from operations.permissions import require
from parish_requests.asking import begin_request, submit_request
from parish_requests.choices import Cause, RequestScope, Wish
from parish_requests.models import RestoreRequest
from tenants.models import Instance, Tenant

# The form's own name of what a refusal names.
FIELDS = {"backup": "moment"}
# What has no data has no moment to go back to.
WITHOUT_DATA = (InstanceState.NEW.value, InstanceState.DELETED.value)


def enter(model_admin: ModelAdmin, http: HttpRequest) -> HttpResponse:
    """Show the form for the instance that ?instance= names, or the one of the parish that ?tenant= names; on POST,
    enter the request and send it. Without either, ask which. Raise PermissionDenied or Http404."""
    require(http.user, ENTER)
    rows = _list_instances(http)
    chosen = _choose(http, rows)
    if chosen is None:
        form = InstanceForm(rows=rows)
        return _show(model_admin, http, form=form, instance=None)
    entry = EntryForm(http.POST if http.method == "POST" else None, instance=chosen)
    if http.method == "POST" and entry.is_valid():
        try:
            request = _begin(http, chosen, entry.cleaned_data)
        except InvalidValue as error:
            field = FIELDS.get(error.params["field"], error.params["field"])
            entry.add_error(field if field in entry.fields else None, str(error.params["reason"]))
        except CiviparoisseError as error:
            entry.add_error(None, str(error))
        else:
            return _send(http, request)
    return _show(model_admin, http, form=entry, instance=chosen)


def _list_instances(http: HttpRequest) -> Any:
    rows = Instance.objects.filter(kind=InstanceKind.PRODUCTION.value).exclude(state__in=WITHOUT_DATA)
    rows = rows.select_related("tenant").defer("secrets", "tenant__smtp_password", "tenant__imap_password")
    tenant = http.GET.get("tenant", "")
    if tenant.isdecimal():
        return rows.filter(tenant=Tenant.objects.filter(pk=tenant).first())
    return rows.order_by("tenant__name_key", "identifier")


def _choose(http: HttpRequest, rows: Any) -> Instance | None:
    """Return the instance that the address names, or the only one of the parish that it names; None to ask."""
    asked = http.GET.get("instance", "")
    if asked:
        found: Instance | None = rows.filter(pk=asked).first() if asked.isdecimal() else None
        if found is None:
            raise Http404
        return found
    named = list(rows[:2]) if http.GET.get("tenant", "").isdecimal() else []
    return named[0] if len(named) == 1 else None


def _begin(http: HttpRequest, instance: Instance, values: dict[str, Any]) -> RestoreRequest:
    return begin_request(
        instance=instance,
        wish=Wish(values["wish"]),
        actor=make_actor(http),
        contact=values["contact"],
        cause=Cause(values["cause"]),
        scope=RequestScope(values["scope"]),
        part=values["part"],
        backup=values["backup"],
        why=values["why"],
        entered_by=http.user.get_username(),
        channel=values["channel"],
        recipient=values["recipient"],
        external_reference=values["external_reference"],
        now=timezone.now(),
    )


def _send(http: HttpRequest, request: RestoreRequest) -> HttpResponse:
    """Send what was begun; where that is refused it stays begun, and can be sent from its page."""
    try:
        submit_request(request, actor=make_actor(http), now=timezone.now())
    except CiviparoisseError as error:
        show_refusal(http, error)
    else:
        named = {"reference": request.reference}
        messages.success(http, _("The request %(reference)s is entered; another person decides on it.") % named)
    return redirect(PAGE, request.pk)


def _show(model_admin: ModelAdmin, http: HttpRequest, *, form: Any, instance: Instance | None) -> HttpResponse:
    return make_page(
        model_admin,
        http,
        "parish_requests/enter.html",
        row=RestoreRequest(),
        title=_("Enter a request for a parish"),
        form=form,
        instance=instance,
        has_instances=instance is not None or form.fields["instance"].queryset.exists(),
    )

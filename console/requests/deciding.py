"""The page before something is done with a request: what it means, what can be chosen, the button; then it is done."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from civiparoisse.addresses import get_client_address
from civiparoisse.admin_base import ModelAdmin, make_page, show_refusal
from civiparoisse.presentation import format_time
from console.requests.columns import describe_asker
from console.requests.decisions import BY_CODE, Decision, Doing, is_possible
from domain.errors import CiviparoisseError
from operations.permissions import require
from parish_requests.actors import Actor, make_staff_actor
from parish_requests.deciding import list_obstacles
from parish_requests.models import RestoreRequest
from parish_requests.moves import make_state_error
from parish_requests.outcomes import describe_outcome
from parish_requests.preview_texts import describe_preview
from parish_requests.previews import get_digest

PAGE = "admin:parish_requests_restorerequest_change"
DECIDE_PAGE = "admin:parish_requests_restorerequest_decide"


def make_actor(http: HttpRequest) -> Actor:
    """Return the account before the page as the one who acts."""
    return make_staff_actor(http.user.get_username(), get_client_address(http))


def decide(model_admin: ModelAdmin, http: HttpRequest, request: RestoreRequest, code: str) -> HttpResponse:
    """Show what `code` would do with the request; on POST, do it and go back to its page. Raise PermissionDenied,
    Http404."""
    decision = BY_CODE.get(code)
    if decision is None:
        raise Http404
    require(http.user, decision.permission)
    if not is_possible(decision, request):
        show_refusal(http, make_state_error(request, decision.move))
        return redirect(PAGE, request.pk)
    form = decision.form(http.POST if http.method == "POST" else None, initial={"seen": get_digest(request)})
    if http.method == "POST" and form.is_valid():
        doing = Doing(person=http.user, actor=make_actor(http), values=form.cleaned_data, now=timezone.now())  # type: ignore[arg-type]
        try:
            decision.run(request, doing)
        except CiviparoisseError as error:
            show_refusal(http, error)
            # What it would change is another thing now: it is shown again, to be decided again.
            is_changed = error.code == "request_preview_changed"
            return redirect(DECIDE_PAGE, request.pk, code) if is_changed else redirect(PAGE, request.pk)
        messages.success(http, str(decision.done))
        return redirect(PAGE, request.pk)
    return _show(model_admin, http, request, decision, form=form)


def _show(
    model_admin: ModelAdmin, http: HttpRequest, request: RestoreRequest, decision: Decision, *, form: Any
) -> HttpResponse:
    shown: dict[str, Any] = {}
    if decision.shows:
        shown = {
            "preview": describe_preview(request.preview) if request.preview else None,
            "compared": format_time(request.previewed_at) if request.previewed_at else "",
            "outcome": describe_outcome(request),
            "obstacles": list_obstacles(request, http.user),  # type: ignore[arg-type]
        }
    return make_page(
        model_admin,
        http,
        "parish_requests/decide.html",
        row=request,
        title=request.reference,
        decision=decision,
        heading=decision.heading % {"reference": request.reference},
        button=str(decision.button).rstrip("…"),
        summary=f"{request.tenant.name} – {request.get_wish_display()} – {describe_asker(request)}",
        sentences=decision.sentences,
        form=form,
        back=model_admin.get_page_address(request),
        **shown,
    )

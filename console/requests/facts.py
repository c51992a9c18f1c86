"""What the page of a request shows: what is asked, what would change and happen, who has approved, what was sent."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from civiparoisse.presentation import BAD, DOUBTFUL, GOOD, NOTHING, format_size, format_time, make_progress
from console.instances.columns import make_badge
from console.requests.approvals import describe_approvals
from console.requests.columns import describe_asker, make_state_badge
from console.requests.decisions import list_decisions
from console.requests.record import describe_record
from console.requests.undoing import make_undo
from domain.errors import render_error
from domain.parish_requests import FETCHED, OPEN_STATES, RequestScope, RequestState, Wish
from domain.states import ACTIVE_OPERATION_STATES
from operations.permissions import may
from parish_requests.deciding import list_obstacles
from parish_requests.models import ContactMail, RestoreRequest
from parish_requests.outcomes import describe_outcome, find_hindrance
from parish_requests.plans import BY_HAND
from parish_requests.preview_texts import describe_preview
from parish_requests.sets import MAY_NAME_A_MOMENT

SHOWN_MAILS = 20
SHOWN_OTHERS = 5
# So long as it is one of these, something may change on its page by itself.
WAITING = frozenset({RequestState.DRAFT.value, RequestState.SUBMITTED.value, RequestState.QUESTION.value})
DECIDED = frozenset({RequestState.APPROVED.value, RequestState.SCHEDULED.value})
MOVING = frozenset({RequestState.APPROVED.value, RequestState.SCHEDULED.value, RequestState.RUNNING.value})


def describe_request(http: HttpRequest, request: RestoreRequest) -> dict[str, Any]:
    """Return what the page shows: as many queries for a long story as for a short one."""
    message, hint = render_error(request.error_code, request.error_params) if request.error_code else ("", "")
    is_waiting = request.state == RequestState.SUBMITTED.value
    is_open = request.state in OPEN_STATES
    return {
        "asked": request,
        "badge": make_state_badge(request),
        "asker": describe_asker(request),
        "facts": list_facts(request),
        "decisions": [(one, _make_address(request, one.code)) for one in list_decisions(request, http.user)],
        "obstacles": list_obstacles(request, http.user) if is_waiting else [],  # type: ignore[arg-type]
        "preview": describe_preview(request.preview) if request.preview else None,
        "compared": format_time(request.previewed_at) if request.previewed_at and is_open else "",
        "outcome": describe_outcome(request) if is_open else [],
        "approvals": describe_approvals(request),
        "error_message": message,
        "error_hint": hint,
        "is_moving": request.state in MOVING,
        "progress": _make_progress(request),
        "is_by_hand": request.state in MOVING and request.wish in BY_HAND,
        "hindrance": find_hindrance(request) if request.state in DECIDED else "",
        "mails": _list_mails(request),
        "others": list(request.tenant.requests.exclude(pk=request.pk).order_by("-pk")[:SHOWN_OTHERS]),
        "undo": make_undo(request.operation, http.user) if request.operation else None,
        "export": reverse("admin:parish_requests_restorerequest_export", args=[request.pk]),
        **_list_links(http, request),
        **describe_record(request),
    }


def list_facts(request: RestoreRequest) -> list[tuple[str, str]]:
    """Return (name, text) of what was asked, in the order people ask for it; what is not known is left out."""
    is_of_moment = Wish(request.wish) in MAY_NAME_A_MOMENT
    moment = format_time(request.backup.started_at) if request.backup else _("the set is not there any more")
    scope = str(request.get_scope_display())
    facts = [
        (_("Asked for"), str(request.get_wish_display())),
        (_("What happened"), str(request.get_cause_display())),
        (_("Moment to go back to"), moment if is_of_moment else ""),
        (_("How much"), f"{scope}: {request.part}" if request.scope == RequestScope.PART.value else scope),
        (_("Asked by"), describe_asker(request)),
        (_("Mail"), request.asked_mail),
        (_("Sent on"), format_time(request.submitted_at)),
        (_("Ends unanswered on"), format_time(request.expires_at) if request.state in WAITING else ""),
        (_("Offered until"), format_time(request.expires_at) if _is_offered(request) else ""),
        (_("Sealed to"), request.recipient),
        (_("Fetched"), _describe_fetches(request)),
        (_("Copy, kept until"), format_time(request.sandbox_until) if request.sandbox_until else ""),
        (_("Begins on"), format_time(request.not_before) if request.not_before else ""),
        (_("Ended on"), format_time(request.ended_at) if request.ended_at else ""),
        (_("Reference of the helpdesk"), request.external_reference),
        (_("The parish is satisfied"), _describe_satisfaction(request)),
    ]
    if not is_of_moment:
        facts = [(name, text) for name, text in facts if name != _("How much")]
    return [(name, text) for name, text in facts if text and text != NOTHING]


def _is_offered(request: RestoreRequest) -> bool:
    return request.wish in FETCHED and request.state == RequestState.RUNNING.value


def _describe_fetches(request: RestoreRequest) -> str:
    """Return how each fetch of the data ended; "" for what is not fetched."""
    if request.wish not in FETCHED:
        return ""
    told = []
    for one in request.downloads.order_by("pk"):
        how = one.error_code or (_("whole") if one.ended_at else _("under way"))
        told.append(f"{format_time(one.at)}: {how} ({format_size(one.sent_bytes)})")
    return "; ".join(told)


def _describe_satisfaction(request: RestoreRequest) -> str:
    if request.is_satisfied is None:
        return ""
    said = _("yes") if request.is_satisfied else _("no")
    return f"{said}: {request.satisfied_why}" if request.satisfied_why else said


def _make_progress(request: RestoreRequest) -> Any:
    operation = request.operation
    return make_progress(operation.progress) if operation and operation.state in ACTIVE_OPERATION_STATES else ""


def _list_mails(request: RestoreRequest) -> list[dict[str, Any]]:
    """Return the newest mails about the request and what became of each; their texts stay where they are."""
    rows = request.mails.filter(is_secret=False).only(
        "request_id", "address", "subject", "created_at", "sent_at", "given_up_at", "last_error"
    )
    return [{"mail": row, "badge": _make_mail_badge(row)} for row in rows.order_by("-pk")[:SHOWN_MAILS]]


def _make_mail_badge(mail: ContactMail) -> Any:
    if mail.sent_at is not None:
        return make_badge(_("sent"), GOOD)
    return make_badge(_("given up"), BAD) if mail.given_up_at is not None else make_badge(_("on its way"), DOUBTFUL)


def _list_links(http: HttpRequest, request: RestoreRequest) -> dict[str, str]:
    """Return the addresses of what the request is about, as far as the person may see them."""
    links = {}
    if request.operation_id and may(http.user, "operations.view_operation"):
        links["operation_link"] = reverse("admin:operations_operation_change", args=[request.operation_id])
    if request.backup_id and may(http.user, "backups.view_backup"):
        links["backup_link"] = reverse("admin:backups_backup_change", args=[request.backup_id])
    if may(http.user, "tenants.view_instance"):
        links["instance_link"] = reverse("admin:tenants_instance_change", args=[request.instance_id])
    if request.sandbox_id and may(http.user, "tenants.view_instance"):
        links["copy_link"] = reverse("admin:tenants_instance_change", args=[request.sandbox_id])
    if may(http.user, "tenants.view_tenant"):
        links["tenant_link"] = reverse("admin:tenants_tenant_change", args=[request.tenant_id])
    if request.undoes_id:
        links["undoes_link"] = reverse("admin:parish_requests_restorerequest_change", args=[request.undoes_id])
    return links


def _make_address(request: RestoreRequest, code: str) -> str:
    return reverse("admin:parish_requests_restorerequest_decide", args=[request.pk, code])

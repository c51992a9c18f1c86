"""Reads requests of parishes for the doors: pages, REST, commands."""

from collections.abc import Collection

from django.db.models import QuerySet

from domain.errors import NotFound
from domain.parish_requests import OPEN_STATES, RequestState
from parish_requests.models import RequestRules, RestoreRequest

OPEN = [state.value for state in OPEN_STATES]
# What somebody of UEPAL must do something about.
WAITING_FOR_STAFF = [RequestState.SUBMITTED.value]


def get_request(reference: str) -> RestoreRequest:
    """Return the request of that reference, however it was typed (small letters, blanks, no hyphen). Raise NotFound."""
    signs = "".join(sign for sign in reference.upper() if sign.isalnum())
    request = _select_all().filter(reference=f"{signs[:4]}-{signs[4:]}").first()
    if request is None:
        raise NotFound(what="request", name=reference)
    return request


def list_requests(
    *,
    tenant: str | None = None,
    tenants: Collection[int] | None = None,
    instance: str | None = None,
    state: str | None = None,
    wish: str | None = None,
    is_open: bool | None = None,
    external_reference: str | None = None,
) -> QuerySet[RestoreRequest]:
    """Return requests, newest first, narrowed by what is given. `tenant`: a slug; `tenants`: keys of parishes, None
    for all; `instance`: an identifier; `is_open`: only those that have not ended, or only those that have."""
    asked = {"tenant__slug": tenant, "instance__identifier": instance, "state": state, "wish": wish}
    asked |= {"external_reference": external_reference}
    rows = _select_all().filter(**{name: value for name, value in asked.items() if value})
    if tenants is not None:
        rows = rows.filter(tenant_id__in=tenants)
    if is_open is None:
        return rows
    return rows.filter(state__in=OPEN) if is_open else rows.exclude(state__in=OPEN)


def list_waiting() -> QuerySet[RestoreRequest]:
    """Return what waits for an answer of UEPAL, the one that ends first at the top."""
    return _select_all().filter(state__in=WAITING_FOR_STAFF).order_by("expires_at", "pk")


def get_rules() -> RequestRules:
    """Return what UEPAL has set for all requests; what the product sets where it has set nothing yet."""
    return RequestRules.objects.order_by("pk").first() or RequestRules()


def _select_all() -> QuerySet[RestoreRequest]:
    rows = RestoreRequest.objects.select_related("tenant", "instance", "backup", "operation", "safety_backup")
    return rows.order_by("-pk")

"""ETag and If-Match: nobody overwrites what somebody else changed since it was read (RFC 9110)."""

import json
from collections.abc import Mapping

from django.utils.crypto import salted_hmac
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from domain.errors import CiviparoisseError
from domain.parameters import PARAMETERS
from tenants.models import Tenant

IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": r'^(\*|"[!#-~]*")$'},
    OpenApiParameter.HEADER,
    description=(
        "The ETag of the parish as it was read: the change is refused (412) where somebody changed it since. Without "
        "it the change is made on the parish as it is; 428 is never answered."
    ),
)
ETAG = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 201], description="Changes with the row.")


def compute_etag(tenant: Tenant) -> str:
    """Return a text that changes with any parameter of the parish, passwords included, and tells none of them."""
    return compute_values_etag({name: getattr(tenant, name) for name in PARAMETERS})


def compute_values_etag(values: Mapping[str, object]) -> str:
    """Return a text that changes with any of the values, and tells none of them."""
    text = json.dumps(values, default=str, sort_keys=True)
    return f'"{salted_hmac("api.versions", text, algorithm="sha256").hexdigest()[:32]}"'


def refuse_changed(request: Request, tenant: Tenant) -> None:
    """Raise CiviparoisseError `changed_meanwhile` where If-Match names none of the parish's present state."""
    refuse_other(request, compute_etag(tenant), what=tenant.slug)


def refuse_other(request: Request, present: str, *, what: str) -> None:
    """Raise CiviparoisseError `changed_meanwhile` where If-Match names none that is the `present` one of `what`."""
    asked = request.headers.get("If-Match")
    if asked is None or asked.strip() == "*":
        return
    if present not in [etag.strip() for etag in asked.split(",")]:
        raise CiviparoisseError("changed_meanwhile", what=what)

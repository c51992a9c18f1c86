"""ETag and If-Match: nobody changes what somebody else changed since it was read (RFC 9110)."""

import json
from typing import Any

from django.db.models import Model
from django.utils.crypto import salted_hmac
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from domain.errors import CiviparoisseError
from domain.parameters import PARAMETERS
from operations.models import Operation
from tenants.models import Instance, Tenant

IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": r'^(\*|"[!#-~]*")$'},
    OpenApiParameter.HEADER,
    description=(
        "The ETag of what is changed as it was read: the change is refused (412) where somebody changed it since. "
        "Without it the change is made on what is there; 428 is never answered."
    ),
)
ETAG = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 201], description="Changes with the row.")
# What a person decides by; not what passes by itself, such as the last run of a cron.
DECIDING: dict[type[Model], tuple[str, ...]] = {
    Tenant: tuple(PARAMETERS),
    Instance: (
        "identifier", "host", "plan_id", "release_id", "engine", "state", "error_code", "mail_enabled", "cron_enabled",
        "purged_at",
    ),
    Operation: ("public_id", "state", "cancel_requested", "error_code", "ended_at"),
}  # fmt: skip


def compute_etag(read: Model | dict[str, Any]) -> str:
    """Return a text that changes with what a person decides by, passwords included, and tells none of it. `read`: a
    row, or the whole document that was shown."""
    values = read if isinstance(read, dict) else {name: getattr(read, name) for name in DECIDING[type(read)]}
    text = json.dumps(values, default=str, sort_keys=True)
    return f'"{salted_hmac("api.versions", text, algorithm="sha256").hexdigest()[:32]}"'


def refuse_changed(request: Request, read: Model | dict[str, Any], *, what: str) -> None:
    """Raise CiviparoisseError `changed_meanwhile` where If-Match names none of the present state. `what`: its name."""
    asked = request.headers.get("If-Match")
    if asked is None or asked.strip() == "*":
        return
    if compute_etag(read) not in [etag.strip() for etag in asked.split(",")]:
        raise CiviparoisseError("changed_meanwhile", what=what)

"""The record of a request: lines that are only added, each chained to the one before, for everybody who asks later.

What may be erased one day (names and addresses of a parish's people, what they wrote) is covered by the chain as
digests, so that a record stays verifiable after that (domain.erasable).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from domain.chains import START, compute_digest
from domain.erasable import are_sealed, make_salt, seal_values
from parish_requests.actors import Actor
from parish_requests.choices import ActorKind
from parish_requests.models import RequestEvent, RestoreRequest

# Names in a line's data that hold no personal data and stay for ever; every other one is erased with the request.
PUBLIC_NAMES = frozenset(
    {
        "approvals",
        "approvals_needed",
        "backup",
        "bytes",
        "code",
        "count",
        "ends",
        "is_satisfied",
        "instance",
        "months",
        "not_before",
        "operation",
        "preview_sha256",
        "preview",
        "safety_backup",
        "scope",
        "state",
        "undoes",
        "until",
        "wish",
    }
)
SEALED_KEY = "sealed"
# What is done with a request beside its moves (domain.parish_requests.Move).
BEGUN = "begun"
SAID = "said"
SHOWN = "shown"
MAILED = "mailed"
WARNED = "warned"
APPROVED_ONCE = "approved_once"
ASKED = "asked"
RATED = "rated"
# Of data that is fetched: a key was made for it, a fetch begun, and how that ended.
KEYED = "keyed"
FETCH_BEGUN = "fetch_begun"
FETCH_ENDED = "fetch_ended"
# How a fetch ended well; else the code of what went wrong.
WHOLE = "whole"
ERASED = "erased"


def record_event(
    request: RestoreRequest, *, actor: Actor, what: str, data: Mapping[str, Any] | None = None, now: datetime
) -> RequestEvent:
    """Add a line to the record of `request` and return it. Called inside the caller's transaction, so that what
    happened and its line are written together or not at all.

    `what`: a move, or one of this module's words. `data`: JSON values (no floating-point numbers); those whose names
    are not in PUBLIC_NAMES are erased with the request.
    """
    # Whoever adds a line holds the request's row: numbers never clash, and the chain has one end.
    held = RestoreRequest.objects.select_for_update().only("reference", "state").get(pk=request.pk)
    last = RequestEvent.objects.filter(request_id=request.pk).order_by("-number").first()
    event = RequestEvent(
        request=request,
        number=1 if last is None else last.number + 1,
        at=now,
        actor_kind=actor.kind.value,
        actor=actor.name,
        origin=actor.origin,
        what=what,
        data={**(data or {}), "state": held.state},
        previous_sha256=START if last is None else last.sha256,
    )
    salt = make_salt()
    event.data[SEALED_KEY] = {"salt": salt, "digests": seal_values(get_personal(event), salt=salt)}
    event.sha256 = compute_digest(event.previous_sha256, make_document(event, reference=held.reference))
    event.save(force_insert=True)
    return event


def find_record_break(request: RestoreRequest) -> int | None:
    """Return the number of the first line that is not what was written, None where the whole record is. A request
    whose state is not the one of its last line, or without any line, lacks the line after the last."""
    while True:
        before = _look_at_state(request)
        events = list(RequestEvent.objects.filter(request_id=request.pk).order_by("number"))
        if before == _look_at_state(request):
            return find_break_of(events, reference=request.reference, state=before)


def find_break_of(events: list[RequestEvent], *, reference: str, state: str) -> int | None:
    """Return what find_record_break does, of lines in their order that were read already, and of the state that the
    request was in then."""
    erased_at = max((event.number for event in events if event.what == ERASED), default=0)
    before = START
    for number, event in enumerate(events, 1):
        document = make_document(event, reference=reference)
        is_whole = event.number == number and event.previous_sha256 == before
        is_whole = is_whole and event.sha256 == compute_digest(before, document)
        if not is_whole or not _is_personal_whole(event, erased_at=erased_at):
            return number
        before = event.sha256
    if not events or events[-1].data.get("state") != state:
        return len(events) + 1
    return None


def make_document(event: RequestEvent, *, reference: str) -> dict[str, Any]:
    """Return what a line's digest is computed of: all of it, with digests in the place of what may be erased."""
    return {
        "request": reference,
        "number": event.number,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_kind": event.actor_kind,
        "actor": event.actor if event.actor_kind != ActorKind.CONTACT else "",
        "what": event.what,
        "data": {name: value for name, value in event.data.items() if name in PUBLIC_NAMES},
        "digests": _get_sealed(event).get("digests", {}),
    }


def get_personal(event: RequestEvent) -> dict[str, Any]:
    """Return what may be erased of a line, by name: "data.NAME", "actor" of a contact, "origin"."""
    kept = PUBLIC_NAMES | {SEALED_KEY}
    personal = {f"data.{name}": value for name, value in event.data.items() if name not in kept}
    if event.actor and event.actor_kind == ActorKind.CONTACT:
        personal["actor"] = event.actor
    if event.origin:
        personal["origin"] = event.origin
    return personal


def erase_personal(event: RequestEvent) -> None:
    """Empty what may be erased of a line, and the salt of its digests; its place in the chain stays whole. Saves it."""
    digests = _get_sealed(event).get("digests", {})
    event.data = {name: value for name, value in event.data.items() if name in PUBLIC_NAMES}
    event.data[SEALED_KEY] = {"salt": "", "digests": digests}
    if event.actor_kind == ActorKind.CONTACT:
        event.actor = ""
    event.origin = ""
    event.save(update_fields=["data", "actor", "origin"])


def _is_personal_whole(event: RequestEvent, *, erased_at: int) -> bool:
    sealed = _get_sealed(event)
    salt, digests = sealed.get("salt"), sealed.get("digests")
    if not isinstance(salt, str) or not isinstance(digests, dict):
        return False
    # Emptied without a line that says so is not erased by rule, but by somebody.
    return (bool(salt) or event.number < erased_at) and are_sealed(get_personal(event), digests, salt=salt)


def _get_sealed(event: RequestEvent) -> dict[str, Any]:
    sealed = event.data.get(SEALED_KEY)
    return sealed if isinstance(sealed, dict) else {}


def _look_at_state(request: RestoreRequest) -> str:
    return RestoreRequest.objects.values_list("state", flat=True).get(pk=request.pk)

"""The record of a request and the conversation in it, as its page shows them; and whether the record is whole."""

from typing import Any

from civiparoisse.presentation import format_time
from parish_requests.choices import ActorKind
from parish_requests.models import RequestEvent, RestoreRequest
from parish_requests.record import find_record_break
from parish_requests.record_texts import word_actor, word_event

# A record is short; one that a program filled is shown from its end, and is whole in the export.
SHOWN = 100


def describe_record(request: RestoreRequest) -> dict[str, Any]:
    """Return the lines of the record, the newest first, what was said in it, and whether it is as it was written."""
    events = list(request.events.order_by("-number")[: SHOWN + 1])
    broken = find_record_break(request)
    return {
        "events": [_describe_event(event) for event in events[:SHOWN]],
        "has_more_events": len(events) > SHOWN,
        "conversation": [_describe_event(event) for event in reversed(events) if event.data.get("text")],
        "record_break": broken,
        "record_is_whole": broken is None,
    }


def _describe_event(event: RequestEvent) -> dict[str, Any]:
    return {
        "at": format_time(event.at),
        "who": word_actor(event),
        "origin": event.origin,
        "what": word_event(event),
        "text": event.data.get("text", ""),
        "is_parish": event.actor_kind == ActorKind.CONTACT.value,
    }

"""The record of a request as one document for the parish council: plain text, French, with what proves it."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from parish_requests.models import RequestEvent, RestoreRequest
from parish_requests.preview import changes_data
from parish_requests.preview_texts import describe_preview
from parish_requests.record import find_break_of
from parish_requests.record_texts import format_moment, word_actor, word_event

LANGUAGE = "fr"
# What people wrote, in a line's data.
SAID_NAMES = ("why", "channel", "text")


def export_record(request: RestoreRequest) -> str:
    """Return the whole record as text: what was asked for and by whom, what it would change, every line with who did it
    and from where, and at the end whether nobody has touched it since, with the digest that says so."""
    row = RestoreRequest.objects.select_related("tenant", "instance", "backup").get(pk=request.pk)
    events = list(RequestEvent.objects.filter(request=row).order_by("number"))
    with override(LANGUAGE):
        parts = [_head(row), _tell_preview(row), [_("Record")], *(_tell_line(event) for event in events)]
        parts.append(_tell_proof(row, events))
        return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _head(request: RestoreRequest) -> list[str]:
    told = [
        (_("Request"), request.reference),
        (_("Parish"), request.tenant.name),
        (_("Asked for"), request.get_wish_display()),
        (_("How much"), request.get_scope_display() + (f" ({request.part})" if request.part else "")),
        (_("Moment"), format_moment(request.backup.started_at) if request.backup else ""),
        (_("Asked by"), " ".join(filter(None, (request.asked_name, request.asked_mail)))),
        (_("Entered by"), " – ".join(filter(None, (request.entered_by, request.channel)))),
        (_("State"), request.get_state_display()),
    ]
    return [_("%(name)s: %(value)s") % {"name": name, "value": value} for name, value in told if value]


def _tell_preview(request: RestoreRequest) -> list[str]:
    if not changes_data(request) or not request.preview:
        return []
    text = describe_preview(request.preview)
    rows = [f"  {row.label}: {row.then} / {row.now} / {row.difference}" for row in text.rows]
    heading = [_("  (then / now / difference)")] if rows else []
    return [_("What it would change"), text.lead, *heading, *rows, *text.warnings]


def _tell_line(event: RequestEvent) -> list[str]:
    told = [f"{event.number}. {format_moment(event.at)} – {word_actor(event)}"]
    if event.origin:
        told[0] += f" – {event.origin}"
    told.append(f"   {word_event(event)}")
    for name in SAID_NAMES:
        for line in str(event.data.get(name) or "").splitlines():
            told.append(f"   > {line}")
    return told


def _tell_proof(request: RestoreRequest, events: list[RequestEvent]) -> list[str]:
    broken = find_break_of(events, reference=request.reference, state=request.state)
    names = {"count": len(events), "time": format_moment(timezone.now()), "number": broken}
    if broken is not None:
        return [_("This record is NOT what was written: it differs from line %(number)s on.") % names]
    whole = _("Verified on %(time)s: all %(count)s lines are what was written, and none is missing.") % names
    return [whole, _("Digest of the last line (SHA-256): %(sha256)s") % {"sha256": events[-1].sha256}]

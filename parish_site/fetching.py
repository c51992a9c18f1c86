"""The data of a parish as a file: the key that opens it, shown once, and the file itself, to whoever asked for it."""

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.timezone import localtime

from domain.errors import CiviparoisseError
from offsite.downloads import begin_stream
from offsite.piping import FAILURES
from parish_requests.fetches import begin_fetch, make_fetch_key, stream_fetch
from parish_requests.models import RestoreRequest
from parish_site.doorway import Visit, door_page
from parish_site.requests import find_own, show_own

SEALED = "application/octet-stream"


@door_page("POST")
def show_key(request: HttpRequest, visit: Visit, reference: str) -> HttpResponse:
    """Make a key for the file of a request, and show its private half: on this answer alone."""
    row = find_own(reference, visit)
    try:
        key, _public = make_fetch_key(row, contact=visit.person, actor=visit.actor, now=visit.now)
    except CiviparoisseError as error:
        return show_own(request, visit, find_own(reference, visit), error=error)
    return show_own(request, visit, find_own(reference, visit), new_key=key)


@door_page("POST")
def fetch_data(request: HttpRequest, visit: Visit, reference: str) -> HttpResponseBase:
    """Answer the sealed file of a request; where it cannot be read, the request's page with why."""
    row = find_own(reference, visit)
    try:
        chunks = _begin(row, visit, recipient=request.POST.get("recipient", ""))
    except CiviparoisseError as error:
        return show_own(request, visit, find_own(reference, visit), error=error)
    answer = StreamingHttpResponse(chunks, content_type=SEALED)
    answer["Content-Disposition"] = f'attachment; filename="{_name_file(row, visit.now)}"'
    return answer


def _begin(row: RestoreRequest, visit: Visit, *, recipient: str) -> Iterator[bytes]:
    """Return the file, its first bytes read already. Raise CiviparoisseError for all that stands against it."""
    download = begin_fetch(row, contact=visit.person, recipient=recipient, actor=visit.actor, now=visit.now)
    try:
        return begin_stream(stream_fetch(row, download, contact=visit.person, actor=visit.actor))
    except CiviparoisseError:
        raise
    except FAILURES as error:
        raise CiviparoisseError("request_unreadable", request=row.reference) from error


def _name_file(row: RestoreRequest, now: datetime) -> str:
    saved = row.backup.started_at if row.backup is not None else now
    return f"{row.instance.identifier}-{localtime(saved):%Y-%m-%d}.tar.age"

"""Finding one file or folder of a moment by its name: an ordinary look into the set, followed on a page."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from backups.browse_parameters import FILES
from backups.kinds.browse import BROWSE
from domain.errors import CiviparoisseError, InstanceBusy
from domain.states import ENDED_OPERATION_STATES, OperationState
from operations.models import Operation
from operations.requests import request_operation
from parish_requests.moments import list_moments
from parish_site.answers import Answers, read_answers
from parish_site.asking import find_own_site
from parish_site.doorway import Visit, door_page, show_page
from parish_site.limits import count_search
from tenants.models import Instance

MOST_SIGNS = 200


@door_page("GET", "POST")
def find_part(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for a name; begin to look for it; show what was found, to choose from."""
    instance = find_own_site(visit)
    given = request.POST if request.method == "POST" else request.GET
    answers = read_answers(given, list_moments(instance, now=visit.now))
    if answers.moment is None or not answers.extent:
        return HttpResponseRedirect(f"{reverse('door-ask-extent')}?{answers.query}")
    name, error = given.get("name", "").strip()[:MOST_SIGNS], None
    if request.method == "POST":
        try:
            operation = _begin(instance, answers, name, visit)
            return HttpResponseRedirect(f"{reverse('door-find')}?{answers.query}&look={operation.public_id}")
        except InstanceBusy:
            error = CiviparoisseError("door_search_busy")
        except CiviparoisseError as refused:
            error = refused
    look = given.get("look", "")
    found = _read_look(instance, look, answers, visit) if look else {}
    context = {"answers": answers, "name": name, "look": look, "error": error, **found}
    return show_page(request, "find.html", visit, **context)


def _begin(instance: Instance, answers: Answers, name: str, visit: Visit) -> Operation:
    assert answers.moment is not None
    if not name:
        raise CiviparoisseError("door_name_missing")
    count_search(visit.person.pk, now=visit.now)
    return request_operation(
        kind=BROWSE.code,
        instance=instance,
        requested_by=make_requester(visit),
        parameters={"backup": answers.moment.backup.backup_id, "look": FILES, "search": name},
    )


def make_requester(visit: Visit) -> str:
    """Return what an operation is asked for by: the parish's door, and which contact; no name, no address."""
    return f"contact {visit.person.pk}"


def _read_look(instance: Instance, look: str, answers: Answers, visit: Visit) -> Mapping[str, Any]:
    """Return how far a look is, and what it found. Raise Http404 for one that this person did not begin."""
    row = Operation.objects.filter(public_id=look, instance=instance, kind=BROWSE.code).first()
    if row is None or row.requested_by != make_requester(visit):
        raise Http404
    assert answers.moment is not None
    if row.state not in ENDED_OPERATION_STATES:
        return {"is_looking": True}
    if row.state != OperationState.SUCCEEDED:
        return {"has_failed": True}
    entries = [f"{entry['within']}/{entry['name']}" for entry in row.result["entries"] if entry["name"]]
    return {"entries": entries, "has_more": row.result["next"] is not None, "searched": row.result["search"]}

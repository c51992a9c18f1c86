"""What is answered to a form that cannot be believed to come from our own page (CSRF): too old, or no cookies."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.csrf import csrf_failure

from domain.errors import CiviparoisseError
from parish_requests.post import DOOR_PATH
from parish_site.doorway import Visit, door_page


@door_page("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", is_inside=False)
def _refuse(request: HttpRequest, visit: Visit) -> HttpResponse:
    del request, visit
    raise CiviparoisseError("door_page_stale")


def show_stale(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Return the page, 403; elsewhere than on this site Django's own."""
    if request.path.startswith(DOOR_PATH):
        return _refuse(request)
    return csrf_failure(request, reason)

"""The page of addresses that lead nowhere."""

from django.http import Http404, HttpRequest, HttpResponse

from parish_site.doorway import Visit, door_page


@door_page("GET", "POST", is_inside=False)
def show_nothing(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Answer 404, with the way back."""
    del request, visit
    raise Http404

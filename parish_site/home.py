"""The first page of who is in: the site, how its data is protected, and what was done."""

from django.http import HttpRequest, HttpResponse

from parish_site.doorway import Visit, show_page


def show_home(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Return the page."""
    return show_page(request, "home.html", visit)

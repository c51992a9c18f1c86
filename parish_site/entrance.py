"""The pages before somebody is in: the address, the link or its six digits, the choice of a parish; and the way out."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from domain.errors import CiviparoisseError
from parish_requests.contacts import confirm_contact
from parish_requests.models import ParishContact
from parish_requests.post import DOOR_PATH
from parish_requests.selectors import get_rules
from parish_site.doorway import (
    BROWSER_COOKIE,
    SESSION_COOKIE,
    Visit,
    door_page,
    set_cookie,
    show_page,
)
from parish_site.home import show_home
from parish_site.keys import SECRET_SIGNS, make_secret
from parish_site.limits import count_try
from parish_site.sessions import LONGEST, end_session, start_session
from parish_site.sign_in import MINUTES, ask_link, find_link, list_contacts, open_code, open_link


@door_page("GET", "POST", is_inside=False)
def show_door(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the first page to who is in; else ask for an address, and have a link sent to it. The answer is the same for
    every address."""
    if request.method == "POST":
        return _ask(request, visit)
    if visit.contact is not None:
        return show_home(request, visit)
    return show_page(request, "door.html", visit, is_out="dehors" in request.GET, rules=get_rules())


@door_page("GET", "POST", is_inside=False)
def show_code(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say that a mail was sent if the address is a contact's, and take the six digits of it."""
    if request.method != "POST":
        return show_page(request, "code.html", visit, minutes=MINUTES)
    code, parish = request.POST.get("code", ""), request.POST.get("parish", "")
    try:
        found = open_code(code, browser=visit.browser, parish=parish, origin=visit.origin, now=visit.now)
    except CiviparoisseError as error:
        return show_page(request, "code.html", visit, minutes=MINUTES, error=error)
    if found.contact is None:
        return show_page(request, "choice.html", visit, choices=found.choices, code=code)
    return _come_in(found.contact, visit)


@door_page("GET", "POST", is_inside=False)
def show_link(request: HttpRequest, visit: Visit, secret: str) -> HttpResponse:
    """Show the button of a link, to whoever opens it (programs that read mails do); using it takes the button."""
    if request.method != "POST":
        row = find_link(secret, browser=visit.browser, now=visit.now)
        return show_page(request, "choice.html", visit, choices=tuple(list_contacts(row.mail)))
    parish = request.POST.get("parish", "")
    found = open_link(secret, browser=visit.browser, parish=parish, origin=visit.origin, now=visit.now)
    if found.contact is None:
        return show_page(request, "choice.html", visit, choices=found.choices)
    return _come_in(found.contact, visit)


@door_page("GET", "POST", is_inside=False)
def show_confirmation(request: HttpRequest, visit: Visit, secret: str) -> HttpResponse:
    """Show the button by which the owner of an address confirms it; confirm it when it is pressed."""
    if request.method != "POST":
        return show_page(request, "confirmation.html", visit)
    count_try(visit.origin, now=visit.now)
    contact = confirm_contact(secret, visit.now)
    return show_page(request, "confirmation.html", visit, confirmed=contact)


@door_page("POST", is_inside=False)
def leave(request: HttpRequest, visit: Visit) -> HttpResponse:
    """End the session, in this browser and for whoever else has its cookie."""
    del request
    end_session(visit.session)
    answer = HttpResponseRedirect(f"{reverse('door')}?dehors=1")
    answer.delete_cookie(SESSION_COOKIE, path=DOOR_PATH)
    return answer


def _ask(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Have a link sent, and give the browser the secret that the link asks for."""
    mail = request.POST.get("mail", "")
    browser = visit.browser if len(visit.browser) == SECRET_SIGNS else make_secret()
    try:
        ask_link(mail, browser=browser, origin=visit.origin, now=visit.now)
    except CiviparoisseError as error:
        return show_page(request, "door.html", visit, error=error, mail=mail, rules=get_rules())
    answer = HttpResponseRedirect(reverse("door-code"))
    # Lax: the link is opened from a mail, by another site or program.
    set_cookie(answer, BROWSER_COOKIE, browser, seconds=MINUTES * 60, same_site="Lax")
    return answer


def _come_in(contact: ParishContact, visit: Visit) -> HttpResponse:
    if visit.contact is not None:
        end_session(visit.session)
    answer = HttpResponseRedirect(reverse("door"))
    secret = start_session(contact, now=visit.now)
    set_cookie(answer, SESSION_COOKIE, secret, seconds=int(LONGEST.total_seconds()), same_site="Strict")
    answer.delete_cookie(BROWSER_COOKIE, path=DOOR_PATH)
    return answer

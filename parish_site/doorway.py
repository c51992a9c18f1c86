"""What all pages of the site have in common: methods, language, who is in, cookies, refusals, headers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF
from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from civiparoisse.addresses import get_client_address
from domain.errors import CiviparoisseError, NotFound
from domain.log_context import add
from parish_requests.actors import Actor, make_contact_actor
from parish_requests.models import ParishContact
from parish_requests.post import DOOR_PATH, LANGUAGE
from parish_site.refusals import word_refusal
from parish_site.sessions import find_session
from tenants.models import Tenant

SESSION_COOKIE, BROWSER_COOKIE = "paroisse_session", "paroisse_browser"
# A page needs nothing but its own style sheet.
POLICY = {
    "default-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}
# Of an address only the host goes on: the links of mails hold a secret. (Without a host no browser says where a form
# came from, and Django refuses it.)
REFERRER = "strict-origin"


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a page. `contact`: who is in, None outside; `browser`: the secret of the browser's own cookie."""

    contact: ParishContact | None
    session: str
    browser: str
    origin: str
    now: datetime

    @property
    def person(self) -> ParishContact:
        """Who is in; for pages inside."""
        assert self.contact is not None
        return self.contact

    @property
    def tenant(self) -> Tenant:
        """The parish of who is in."""
        return self.person.tenant

    @property
    def actor(self) -> Actor:
        """Who is in, as the record of requests has it."""
        return make_contact_actor(self.person, self.origin)


Page = Callable[..., HttpResponseBase]


def door_page(*methods: str, is_inside: bool = True) -> Callable[[Page], Page]:
    """Make a view of the site: it answers `methods` alone (HEAD as GET), in French, and takes (request, visit).

    `is_inside`: only for who is in; others are led to the way in, and nothing they sent is done. A refusal
    (CiviparoisseError) becomes a page with what to do, and what is not there, or another parish's, the same page.
    """
    allowed = [*methods, *(["HEAD"] if "GET" in methods else [])]

    def decorate(page: Page) -> Page:
        @wraps(page)
        def show(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            with override(LANGUAGE):
                if request.method not in allowed:
                    return _seal(HttpResponseNotAllowed(allowed))
                visit = make_visit(request)
                if is_inside and visit.contact is None:
                    return _seal(HttpResponseRedirect(f"{reverse('door')}?dehors=1"))
                return _seal(_answer(page, request, visit, kwargs))

        return show

    return decorate


def make_visit(request: HttpRequest) -> Visit:
    """Return who looks at a page, from the site's own cookies; accounts of the administration mean nothing here."""
    now, session = timezone.now(), request.COOKIES.get(SESSION_COOKIE, "")
    row = find_session(session, now=now) if session else None
    if row is not None:
        add(actor=f"contact {row.contact_id}")
    return Visit(
        contact=row.contact if row else None,
        session=session,
        browser=request.COOKIES.get(BROWSER_COOKIE, ""),
        origin=get_client_address(request),
        now=now,
    )


def show_page(
    request: HttpRequest,
    template: str,
    visit: Visit,
    *,
    error: CiviparoisseError | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Return a page of templates/parish_site/; with `error`, what is wrong with what was sent, and its status."""
    refusal = word_refusal(error) if error is not None else None
    shown = {"visit": visit, "error": refusal, **context}
    return render(request, f"parish_site/{template}", shown, status=refusal.status if refusal else status)


def set_cookie(answer: HttpResponse, name: str, secret: str, *, seconds: int, same_site: Any) -> None:
    """Give the browser a secret that no script reads, for the pages of this site alone."""
    answer.set_cookie(
        name,
        secret,
        max_age=seconds,
        path=DOOR_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite=same_site,
    )


def _answer(page: Page, request: HttpRequest, visit: Visit, kwargs: dict[str, Any]) -> HttpResponseBase:
    try:
        return page(request, visit, **kwargs)
    except (Http404, NotFound):
        return show_page(request, "not_found.html", visit, status=404)
    except CiviparoisseError as error:
        return show_page(request, "refusal.html", visit, error=error)


def _seal(answer: HttpResponseBase) -> HttpResponseBase:
    answer["Cache-Control"] = "no-store"
    answer["Content-Language"] = LANGUAGE
    answer["Referrer-Policy"] = REFERRER
    answer["X-Robots-Tag"] = "noindex"
    answer._csp_config = POLICY  # type: ignore[attr-defined]
    return answer

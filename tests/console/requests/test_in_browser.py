"""A request before people in a real Chromium: on a telephone, by the keyboard alone, and read again by itself."""

import os
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User

from domain.parish_requests import RequestState, Wish
from tests.console.browser import enter, run_browser
from tests.console.requests.rows import make_request_row, set_state
from tests.console.test_accessibility import list_faults, press_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("defaults", "engine")]
LIST = "/admin/parish_requests/restorerequest/"
IS_WIDER = "document.scrollingElement.scrollWidth > window.innerWidth"


@pytest.fixture(autouse=True)
def loop_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop in this thread; Django would refuse its database there."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def test_a_request_is_approved_on_a_telephone_without_a_mouse(live_server: Any) -> None:
    request = make_request_row(wish=Wish.HELP, why="La page d’accueil est blanche depuis mardi soir")
    with run_browser() as context:
        enter(context, live_server.url, User.objects.create_superuser("anne"))
        page, axe = context.new_page(), Axe()
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{live_server.url}/admin/")
        assert not page.evaluate(IS_WIDER)
        press_until(page, request.reference)
        assert page.url.endswith(f"{LIST}{request.pk}/change/")
        assert not page.evaluate(IS_WIDER) and list_faults(page, axe) == []
        press_until(page, "Approuver…")
        assert not page.evaluate(IS_WIDER) and list_faults(page, axe) == []
        press_until(page, "Approuver")
        request.refresh_from_db()
        assert request.state == RequestState.APPROVED
        assert page.url.endswith(f"{LIST}{request.pk}/change/")
        # What is under way is read again by itself, and said once.
        set_state(request, RequestState.DONE)
        page.wait_for_function("document.querySelector('[role=status]').textContent.includes('faite')", timeout=60_000)

"""What is shown before the sign-in and in the place of a page: usable by everybody, in French, with a way on."""

import os
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.admin.options import ModelAdmin
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from playwright.sync_api import Page, Response

from tests.console.browser import enter, run_browser
from tests.console.test_accessibility import list_faults
from tests.console.test_french import list_wrong
from tests.french import list_page_texts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("defaults", "engine")]
LOGIN, PLANS = "/admin/login/", "/admin/tenants/plan/"
SENSELESS = f"{PLANS}?{'&a=1' * 1001}"  # more than a form has fields


@pytest.fixture(autouse=True)
def loop_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop in this thread; Django would refuse its database there."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")


class Looker:
    """Looks at what the browser shows, and keeps what is wrong with it."""

    def __init__(self, page: Page) -> None:
        self._page, self._axe = page, Axe()
        self.wrong: dict[str, list[str]] = {}

    def look(self, name: str, answer: Response | None, *, status: int) -> None:
        """Judge the page that came with `answer`."""
        assert answer is not None and answer.status == status, (name, answer and answer.status)
        texts = list_page_texts(self._page.content())
        assert len(texts) > 1, name
        if found := [*list_faults(self._page, self._axe), *list_wrong(texts)]:
            self.wrong[name] = found

    def sign_in(self, password: str) -> Response:
        """Send the form of the sign-in."""
        self._page.fill("[name=username]", "anne")
        self._page.fill("[name=password]", password)
        with self._page.expect_navigation() as waiting:
            self._page.click("[type=submit]")
        answer = waiting.value
        assert answer is not None
        return answer


def refuse_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Have every list of the administration fail so."""

    def fail(*_given: Any) -> Any:
        raise error

    monkeypatch.setattr(ModelAdmin, "get_queryset", fail)


def test_what_stands_before_the_administration_can_be_used_by_everybody(live_server: Any) -> None:
    User.objects.create_superuser("anne", password="right horse battery")
    login = live_server.url + LOGIN
    with run_browser() as context:
        page = context.new_page()
        looker = Looker(page)
        looker.look("sign-in", page.goto(login), status=200)
        looker.look("wrong password", looker.sign_in("wrong"), status=200)
        page.goto(login)
        context.clear_cookies()
        looker.look("stale form", looker.sign_in("right horse battery"), status=403)
        page.goto(login)
        for _ in range(settings.AXES_FAILURE_LIMIT):
            Client(REMOTE_ADDR="127.0.0.1").post(LOGIN, {"username": "anne", "password": "wrong"})
        looker.look("closed", looker.sign_in("right horse battery"), status=429)
        assert looker.wrong == {}


def test_what_is_shown_in_the_place_of_a_page_can_be_used_by_everybody(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_browser() as context:
        page = context.new_page()
        looker = Looker(page)
        looker.look("unknown", page.goto(f"{live_server.url}/nowhere/"), status=404)
        enter(context, live_server.url, User.objects.create_user("jeanne", is_staff=True))
        looker.look("forbidden", page.goto(live_server.url + PLANS), status=403)
        enter(context, live_server.url, User.objects.create_superuser("anne"))
        looker.look("unknown inside", page.goto(f"{live_server.url}/admin/nowhere/"), status=404)
        looker.look("senseless", page.goto(live_server.url + SENSELESS), status=400)
        with monkeypatch.context() as patch:
            refuse_with(patch, RuntimeError("unforeseen"))
            looker.look("unforeseen", page.goto(live_server.url + PLANS), status=500)
        with monkeypatch.context() as patch:
            refuse_with(patch, OperationalError("database is locked"))
            looker.look("held", page.goto(live_server.url + PLANS), status=503)
        assert looker.wrong == {}

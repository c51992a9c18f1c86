"""Every page passes axe, and the main job can be done with the keyboard alone, in a real Chromium."""

import os
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.urls import resolve
from django.utils import timezone
from playwright.sync_api import Page

from operations.models import Operation
from tests.console.browser import enter, run_browser
from tests.console.filled import crawl, fill_manager
from tests.engines import FakeEngine
from tests.finops.fleets import make_recorded
from tests.operations.conftest import Finish

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "rules": {"landmark-one-main": {"enabled": True}},
}
FOCUSED = "document.activeElement.matches('a[href], button') ? document.activeElement.innerText.trim() : ''"
PASSWORD = "only-for-tests"
MOST_TABS = 120
FEWEST_PAGES = 45


@pytest.fixture(autouse=True)
def loop_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop in this thread; Django would refuse its database there."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def list_faults(page: Page, axe: Axe) -> list[str]:
    """Return what axe finds, in a line each: rule and the first element."""
    found: list[dict[str, Any]] = axe.run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]} ({len(one['nodes'])})" for one in found]


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus says `words`."""
    said = []
    for _number in range(MOST_TABS):
        page.keyboard.press("Tab")
        text = str(page.evaluate(FOCUSED))
        if words in text:
            return
        said.append(text)
    raise AssertionError(f"{words!r} is not reached by the keyboard: {said}")


def press_until(page: Page, words: str) -> None:
    """Press Tab until what has the focus says `words`, then Enter."""
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def do_main_job(page: Page, address: str, finish: Finish) -> None:
    """Sign in, back an instance up, hear that it succeeded, and come to the page that puts it back: no mouse."""
    page.goto(f"{address}/admin/")
    page.keyboard.press("Tab")
    page.keyboard.type("anne")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press_until(page, "Instances")
    press_until(page, "sainte-marie")
    press_until(page, "Sauvegarder…")
    press_until(page, "Sauvegarder")
    operation = Operation.objects.get(instance__identifier="sainte-marie", lock="sainte-marie", kind="backup")
    assert page.url.endswith(f"/{operation.pk}/change/")
    tab_to(page, "Annuler l’opération")
    Operation.objects.filter(pk=operation.pk).update(progress=7)
    page.wait_for_function("document.querySelector('progress').value === 7")
    assert "Annuler" in str(page.evaluate(FOCUSED)), "the part that is read again takes the keyboard away"
    finish(operation)
    page.wait_for_function("document.querySelector('[role=status]').textContent.includes('réussie')")
    press_until(page, "Voir l’instance")
    press_until(page, "Restaurer…")
    assert operation.result["backup_id"] in page.content()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("defaults", "engine")
def test_every_page_can_be_used_by_everybody(live_server: Any) -> None:
    fill_manager()
    faults: dict[str, list[str]] = {}
    with run_browser() as context:
        client = enter(context, live_server.url, User.objects.create_superuser("anne"))
        addresses: dict[str, str] = {}
        for address, text in crawl(client, of_each_name=1):
            if "<html" in text:
                addresses.setdefault(resolve(address.partition("?")[0]).view_name, address)
        page, axe = context.new_page(), Axe()
        for name, address in addresses.items():
            page.goto(live_server.url + address)
            if found := list_faults(page, axe):
                faults[name] = found
        assert faults == {}, "\n".join(f"{name}: {found}" for name, found in faults.items())
        assert len(addresses) >= FEWEST_PAGES


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("defaults")
def test_the_main_job_needs_no_mouse(live_server: Any, engine: FakeEngine, finish: Finish) -> None:
    make_recorded("sainte-marie", since=timezone.now())
    engine.set_up("sainte-marie")
    User.objects.create_superuser("anne", password=PASSWORD)
    with run_browser() as context:
        do_main_job(context.new_page(), live_server.url, finish)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("defaults", "engine")
def test_what_is_read_again_is_told_once_for_each_change(live_server: Any) -> None:
    """Regions that are replaced every few seconds are not read aloud as a whole, and icons never."""
    fill_manager()
    operation = Operation.objects.get(lock="saint-paul")
    with run_browser() as context:
        enter(context, live_server.url, User.objects.create_superuser("anne"))
        page = context.new_page()
        for path in ("", f"operations/operation/{operation.pk}/change/"):
            page.goto(f"{live_server.url}/admin/{path}")
            assert page.locator("[data-refresh-url][aria-live]").count() == 0
            assert page.locator("[role=status]").count() == 1
            assert page.locator("main, [role=main]").count() == 1
            bare = ".material-symbols-outlined:not([aria-hidden=true]):not([aria-label])"
            assert page.locator(bare).count() == 0
        Operation.objects.filter(pk=operation.pk).update(cancel_requested=True, state="cancelled", lock=None)
        page.wait_for_function("document.querySelector('[role=status]').textContent.includes('annulée')")

"""A real Chromium before the parishes' site: its screens, its keyboard, and what every page must hold."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.console.browser import FLAGS, PROGRAM
from tests.console.test_accessibility import list_faults

TELEPHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
LISTEN = """window.violations = [];
document.addEventListener('securitypolicyviolation', event => window.violations.push(event.violatedDirective));"""
FOCUSED = "document.activeElement.matches('a, button, input, textarea') ? (document.activeElement.labels?.[0] ?? "
FOCUSED += "document.activeElement).innerText.trim() : ''"
MOST_TABS = 60


@contextmanager
def run_browser(*options: str) -> Iterator[Browser]:
    """Run Chromium; each of its contexts is a browser of its own."""
    flags = [*FLAGS, *options, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=flags)
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Browser, device: dict[str, Any]) -> Page:
    """Return a page of a browser that speaks English and knows no script: the site is French and needs none."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce", **device)
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.set_default_timeout(60_000)
    return page


def look(page: Page) -> None:
    """Check the page that is open: axe, no room that is missing, nothing that the policy stopped."""
    assert list_faults(page, Axe()) == [], page.url
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], f"{page.url} is wider than the screen: {width}"
    assert page.evaluate("window.violations") == [], page.url


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus is called `words`."""
    said = []
    for _number in range(MOST_TABS):
        page.keyboard.press("Tab")
        text = str(page.evaluate(FOCUSED))
        if words in text:
            return
        said.append(text)
    raise AssertionError(f"{words!r} is not reached by the keyboard: {said}")


def press(page: Page, words: str) -> None:
    """Come to the button or link called `words` with Tab, and press Enter."""
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")

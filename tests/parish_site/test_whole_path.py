"""The whole path in a real Chromium, on both sizes: a link asked for, read in a real mail, a restore asked for,
approved, done, judged, undone. By touch on the telephone, by the keyboard alone on the large screen."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page, sync_playwright

from parish_requests.delivery import deliver_due
from parish_requests.models import RestoreRequest
from parish_requests.running import advance_requests
from parish_site.sign_in import send_links
from tenants.models import Instance
from tests.console.browser import FLAGS, PROGRAM
from tests.console.test_accessibility import list_faults
from tests.operations.conftest import Finish, MovedClock
from tests.parish_requests.cast import approve, make_person
from tests.parish_requests.test_preview_documents import make_document
from tests.parish_site.people import CODE, MAIL, make_contact_row
from tests.watch.servers import Mailbox

TELEPHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
LISTEN = """window.violations = [];
document.addEventListener('securitypolicyviolation', event => window.violations.push(event.violatedDirective));"""
FOCUSED = "document.activeElement.matches('a, button, input, textarea') ? (document.activeElement.labels?.[0] ?? "
FOCUSED += "document.activeElement).innerText.trim() : ''"
MOST_TABS = 60
BackedUp = tuple[Instance, str]
Press = Callable[[Page, str], None]


@pytest.fixture(autouse=True)
def loop_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop in this thread; Django would refuse its database there."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@contextmanager
def run_browser() -> Iterator[Browser]:
    """Run Chromium; each of its contexts is a browser of its own."""
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
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


def touch(page: Page, words: str) -> None:
    """Touch the button or link called `words`, and wait for the page after it."""
    target = page.get_by_role("button", name=words).or_(page.get_by_role("link", name=words)).first
    with page.expect_navigation():
        target.tap()


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


def read_mail(mailbox: Mailbox) -> str:
    """Have all mails sent as the workers do; return the text of the newest."""
    send_links(now=timezone.now())
    deliver_due(now=timezone.now())
    return str(mailbox.mails[-1].get_content())


def let_do(request: RestoreRequest, finish: Finish, clock: MovedClock) -> None:
    """Have UEPAL approve a request, and the workers do it: by a clock that is ahead, however long the pages took."""
    request.refresh_from_db()
    for name in ("marc", "lucie")[: request.approvals_needed]:
        approve(request, User.objects.filter(username=name).first() or make_person(name))
    advance_requests(now=timezone.now())
    request.refresh_from_db()
    assert request.operation is not None
    clock.now = max(clock.now, timezone.now() + timedelta(seconds=20))
    finish(request.operation)
    advance_requests(now=timezone.now())


def come_in(page: Page, elsewhere: Page, address: str, mailbox: Mailbox) -> None:
    """Ask for a link, open it elsewhere (which opens nothing), then where it was asked for."""
    page.goto(f"{address}/paroisse/")
    look(page)
    page.get_by_label("adresse électronique").fill(MAIL)
    touch(page, "Envoyez-moi un lien")
    look(page)
    link = re.search(r"http\S+/paroisse/entrer/\S+", read_mail(mailbox))
    assert link
    elsewhere.goto(link[0])
    look(elsewhere)
    assert "six chiffres" in elsewhere.content()
    page.goto(link[0])
    look(page)
    touch(page, "Entrer")
    look(page)
    assert "Votre site fonctionne." in page.content()


def ask_for_a_restore(page: Page) -> RestoreRequest:
    """Answer the four questions, look at what it would change, and send it."""
    touch(page, "Faire une demande")
    look(page)
    page.get_by_label("Une importation").check()
    for _question in range(2):
        touch(page, "Continuer")
        look(page)
    assert page.get_by_label("Les données seulement").is_checked()
    touch(page, "Continuer")
    look(page)
    page.get_by_label("Que s’est-il passé").fill("L’import de mardi a écrasé nos adresses.")
    touch(page, "Continuer")
    look(page)
    assert "Ce qu’elle changerait" in page.content()
    touch(page, "Envoyer à l’UEPAL")
    look(page)
    return RestoreRequest.objects.get()


def look_at_figures(page: Page, request: RestoreRequest) -> None:
    """Look at the page of a request whose preview has every figure; then it has its own preview again."""
    known = RestoreRequest.objects.values_list("preview", flat=True).get(pk=request.pk)
    RestoreRequest.objects.filter(pk=request.pk).update(preview=make_document())
    page.reload()
    look(page)
    assert page.get_by_role("row").count() > 5
    # A word stands on one line, however narrow the screen.
    assert max(page.locator(".figures th[scope=row]").evaluate_all("all => all.map(one => one.offsetHeight)")) < 70
    RestoreRequest.objects.filter(pk=request.pk).update(preview=known)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("backed_up")
def test_on_a_telephone(
    live_server: Any, mailbox: Mailbox, finish: Finish, clock: MovedClock, settings: LazySettings
) -> None:
    settings.PUBLIC_URL = live_server.url
    make_contact_row()
    with run_browser() as browser:
        page = open_page(browser, TELEPHONE)
        come_in(page, open_page(browser, DESK), live_server.url, mailbox)
        request = ask_for_a_restore(page)
        look_at_figures(page, request)
        let_do(request, finish, clock)
        page.reload()
        look(page)
        assert "C’est fait" in page.content()
        touch(page, "Oui")
        look(page)
        touch(page, "Voir ce que le retour")
        look(page)
        touch(page, "Envoyer à l’UEPAL")
        let_do(RestoreRequest.objects.get(wish="undo"), finish, clock)
        page.goto(f"{live_server.url}/paroisse/demandes/{request.reference}/")
        look(page)
        assert "puis défait" in page.content()
        page.goto(f"{live_server.url}/paroisse/demandes/")
        look(page)
        touch(page, "Sortir")
        assert "Vous êtes sorti" in page.content()
        page.go_back()
        assert request.reference not in page.content(), "the browser has kept a page"
    request.refresh_from_db()
    assert (request.state, request.is_satisfied) == ("undone", True)


@pytest.mark.django_db(transaction=True)
def test_on_a_large_screen_with_the_keyboard_alone(
    live_server: Any, backed_up: BackedUp, mailbox: Mailbox, settings: LazySettings
) -> None:
    settings.PUBLIC_URL = live_server.url
    make_contact_row()
    with run_browser() as browser:
        page = open_page(browser, DESK)
        # Twice as large, as people who see badly have it: half the room.
        page.goto(f"{live_server.url}/paroisse/")
        page.evaluate("document.documentElement.style.fontSize = '225%'")
        look(page)
        tab_to(page, "adresse électronique")
        page.keyboard.type(MAIL)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        code = CODE.search(read_mail(mailbox))
        assert code
        tab_to(page, "six chiffres")
        page.keyboard.type("".join(code.groups()))
        with page.expect_navigation():
            page.keyboard.press("Enter")
        look(page)
        press(page, "Faire une demande")
        tab_to(page, "été supprimé")
        page.keyboard.press("Space")
        for words in ("Continuer", "Continuer", "Continuer"):
            press(page, words)
            look(page)
        tab_to(page, "Que s’est-il passé")
        page.keyboard.type("Une famille a disparu.")
        press(page, "Continuer")
        press(page, "Envoyer à l’UEPAL")
        look(page)
        press(page, "Retirer la demande")
        assert "retirée" in page.content()
    request = RestoreRequest.objects.get()
    assert (request.state, request.cause, request.scope) == ("withdrawn", "deleted", "data")
    assert request.backup is not None and request.backup.backup_id == backed_up[1]

"""The whole path in a real Chromium, on both sizes: a link asked for, read in a real mail, a restore asked for,
approved, done, judged, undone; at a real site with its own databases. A parish needs nothing but its keyboard."""

import os
import re
import sys
import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError

from domain.states import ENDED_OPERATION_STATES, OperationKind, OperationState, StepState
from operations.runner import run_operation
from parish_requests.delivery import deliver_due
from parish_requests.models import RestoreRequest
from parish_requests.running import advance_requests
from parish_site.sign_in import send_links
from tenants.models import Instance
from tests.backups.parishes import OPERATION_SECONDS, Parishes
from tests.console.browser import enter
from tests.local_engines import wait_until
from tests.parish_requests.cast import make_person
from tests.parish_requests.test_preview_documents import make_document
from tests.parish_site.browsing import DESK, TELEPHONE, look, open_page, press, run_browser, tab_to
from tests.parish_site.people import CODE, MAIL, make_contact_row
from tests.watch.servers import Mailbox

BackedUp = tuple[Instance, str]


@pytest.fixture(autouse=True)
def loop_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop in this thread; Django would refuse its database there."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def read_mail(mailbox: Mailbox) -> str:
    """Have all mails sent as the workers do; return the text of the newest that lets somebody in."""
    send_links(now=timezone.now())
    deliver_due(now=timezone.now())
    texts = [str(mail.get_content()) for mail in mailbox.mails]
    return [text for text in texts if "/paroisse/entrer/" in text][-1]


def come_in(page: Page, elsewhere: Page, address: str, mailbox: Mailbox) -> str:
    """Ask for a link, open it elsewhere (which opens nothing), then where it was asked for; return the link."""
    page.goto(f"{address}/paroisse/")
    look(page)
    tab_to(page, "adresse électronique")
    page.keyboard.type(MAIL)
    press(page, "Envoyez-moi un lien")
    look(page)
    link = re.search(r"http\S+/paroisse/entrer/\S+", read_mail(mailbox))
    assert link
    elsewhere.goto(link[0])
    look(elsewhere)
    assert "six chiffres" in elsewhere.content()
    page.goto(link[0])
    look(page)
    press(page, "Entrer")
    look(page)
    assert "Votre site fonctionne." in page.content()
    return link[0]


def ask_for_a_restore(page: Page) -> tuple[RestoreRequest, float]:
    """Answer the four questions, look at what it would change, and send it; return it, and the preview's seconds."""
    press(page, "Faire une demande")
    look(page)
    tab_to(page, "été supprimé")
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("Une importation").is_checked()
    for _question in range(2):
        press(page, "Continuer")
        look(page)
    assert page.get_by_label("Les données seulement").is_checked()
    press(page, "Continuer")
    look(page)
    tab_to(page, "Que s’est-il passé")
    page.keyboard.type("L’import de mardi a écrasé nos adresses.")
    began = time.monotonic()
    press(page, "Continuer")
    seconds = time.monotonic() - began
    look(page)
    assert "Ce qu’elle changerait" in page.content()
    send(page)
    return RestoreRequest.objects.get(), seconds


def send(page: Page) -> None:
    """Send what is shown; what would change something else by now is shown again, and sent then."""
    deadline = time.monotonic() + OPERATION_SECONDS
    while page.get_by_role("button", name="Envoyer à l’UEPAL").count():
        assert time.monotonic() < deadline
        press(page, "Envoyer à l’UEPAL")
        look(page)


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


def approve_in_administration(browser: Browser, address: str, request: RestoreRequest) -> None:
    """Have as many people of UEPAL as it takes approve the request on its page of the administration."""
    request.refresh_from_db()
    for name in ("marc", "lucie")[: request.approvals_needed]:
        page = open_page(browser, DESK)
        person = User.objects.filter(username=name).first() or make_person(name)
        enter(page.context, address, person)
        page.goto(f"{address}/admin/parish_requests/restorerequest/{request.pk}/decide/approve/")
        with page.expect_navigation():
            page.locator("form[data-once] button[type=submit]").click()
        page.context.close()
    request.refresh_from_db()
    assert request.state == "approved"


def let_do(request: RestoreRequest, visitor: Page, address: str) -> None:
    """Have the workers do what was approved; a visitor of the parish's own site is told that it is closed meanwhile."""
    advance_requests(now=timezone.now())
    request.refresh_from_db()
    operation = request.operation
    assert operation is not None
    told = ""
    deadline = time.monotonic() + OPERATION_SECONDS
    while operation.state not in ENDED_OPERATION_STATES:
        assert time.monotonic() < deadline, f"{operation} does not end: {operation.message}"
        due = run_operation(operation.public_id, clock=timezone.now)
        operation.refresh_from_db()
        # Nobody works on it while we look.
        if not told and operation.steps.get(name="stop_site").state == StepState.DONE:
            told = visit(visitor, address, status=503)
        if due is not None:
            time.sleep(max(0.0, (due - timezone.now()).total_seconds()))
    assert operation.state == OperationState.SUCCEEDED, (operation.error_code, operation.error_params)
    assert "fermé pour un moment" in told
    assert "Paroisse" in visit(visitor, address, status=200)
    advance_requests(now=timezone.now())


def visit(page: Page, address: str, *, status: int) -> str:
    """Come to the parish's own site until it answers with `status`; return what it shows, looked at by axe."""

    def come() -> bool:
        try:
            answer = page.goto(address)
        except PlaywrightError:
            return False
        return answer is not None and answer.status == status

    wait_until(come, f"the site answers with {status}")
    if status == 503:
        look(page)
    return page.content()


def leave(page: Page, address: str, reference: str) -> None:
    """Look at what is nowhere, then sign out: the browser keeps nothing."""
    for path in ("/paroisse/demandes/", "/paroisse/nowhere/", "/paroisse/entrer/unknown"):
        page.goto(f"{address}{path}")
        look(page)
    page.goto(f"{address}/paroisse/demandes/")
    press(page, "Sortir")
    assert "Vous êtes sorti" in page.content()
    page.go_back()
    assert reference not in page.content(), "the browser has kept a page"


def count_contacts(parishes: Parishes, instance: Instance) -> int:
    """Return how many contacts the parish's own database has."""
    with parishes.open_database(instance)._cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM civicrm.civicrm_contact")
        return int(cursor.fetchall()[0][0])


@pytest.mark.django_db(transaction=True)
def test_from_the_question_to_the_undo_at_a_real_site(
    live_server: Any, parishes: Parishes, mailbox: Mailbox, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PUBLIC_URL = live_server.url
    site = parishes.get()
    # The stand-in answers to the site's own name; the browser comes by the port.
    address = parishes.engine.observe("saint-paul").url
    assert address is not None
    parishes.run(OperationKind.BACKUP, site)
    saved = count_contacts(parishes, site)
    parishes.execute(site, "INSERT INTO civicrm.civicrm_contact (contact_type, sort_name) VALUES ('Individual', 'x')")
    make_contact_row()
    with run_browser(f"--host-resolver-rules=MAP {site.host} 127.0.0.1") as browser:
        address = address.replace("127.0.0.1", site.host)
        began = time.monotonic()
        telephone, desk, visitor = (open_page(browser, device) for device in (TELEPHONE, DESK, TELEPHONE))
        assert "Paroisse" in visit(visitor, address, status=200)
        link = come_in(telephone, desk, live_server.url, mailbox)
        request, preview_seconds = ask_for_a_restore(telephone)
        look_at_figures(telephone, request)
        approve_in_administration(browser, live_server.url, request)
        let_do(request, visitor, address)
        telephone.reload()
        look(telephone)
        assert "C’est fait" in telephone.content()
        assert count_contacts(parishes, site) == saved
        press(telephone, "Oui")
        look(telephone)
        desk.goto(link)
        look(desk)  # a link that was used says so
        come_in(desk, open_page(browser, DESK), live_server.url, mailbox)
        desk.goto(f"{live_server.url}/paroisse/demandes/{request.reference}/")
        press(desk, "Voir ce que le retour")
        look(desk)
        send(desk)
        undo = RestoreRequest.objects.get(wish="undo")
        approve_in_administration(browser, live_server.url, undo)
        let_do(undo, visitor, address)
        assert count_contacts(parishes, site) == saved + 1
        whole_seconds = time.monotonic() - began
        desk.goto(f"{live_server.url}/paroisse/demandes/{request.reference}/")
        look(desk)
        assert "puis défait" in desk.content()
        leave(desk, live_server.url, request.reference)
    request.refresh_from_db()
    assert (request.state, request.is_satisfied) == ("undone", True)
    with capsys.disabled():
        sys.stderr.write(
            f"\nmeasured: preview {preview_seconds:.1f} s, whole path with its undo {whole_seconds:.0f} s\n"
        )


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

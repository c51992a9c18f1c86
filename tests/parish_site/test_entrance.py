"""The way in as a browser walks it: pages, buttons and cookies."""

import re

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from parish_requests.contacts import add_contact
from parish_requests.models import ContactMail, ParishContact
from parish_site.doorway import BROWSER_COOKIE, SESSION_COOKIE
from parish_site.keys import make_secret
from parish_site.limits import LINKS_PER_ADDRESS
from parish_site.models import DoorSession, SignIn
from tests.parish_site.people import MAIL, ask, enter, make_contact_row, read_link
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db


def test_ask_open_press_and_leave() -> None:
    make_contact_row()
    browser = Client()
    ask(browser)
    link, _code = read_link()
    page = browser.get(link)
    assert page.status_code == 200 and b"<button" in page.content
    assert not DoorSession.objects.exists()
    answer = browser.post(link)
    assert (answer.status_code, answer["Location"]) == (302, "/paroisse/")
    assert "Paroisse" in browser.get("/paroisse/").content.decode()
    assert browser.get("/paroisse/").context["visit"].contact.mail == MAIL
    browser.post("/paroisse/sortir/")
    assert browser.get("/paroisse/").context["visit"].contact is None
    assert not DoorSession.objects.exists()


def test_programs_that_open_links_use_nothing_up() -> None:
    make_contact_row()
    browser, scanner = Client(), Client()
    ask(browser)
    link, _code = read_link()
    for method in ("get", "head", "options", "put", "delete", "patch"):
        getattr(scanner, method)(link)
        getattr(browser, method)(link)
    assert scanner.post(link).status_code == 403
    assert browser.post(link).status_code == 302


def test_opened_elsewhere_the_page_says_what_to_do_and_the_code_opens_where_it_was_asked() -> None:
    make_contact_row()
    browser, telephone = Client(), Client()
    ask(browser)
    link, code = read_link()
    page = telephone.get(link)
    assert page.status_code == 403 and "six chiffres" in page.content.decode()
    assert telephone.post("/paroisse/code/", {"code": code}).status_code == 400
    assert browser.post("/paroisse/code/", {"code": code}).status_code == 302
    assert browser.get("/paroisse/").context["visit"].contact is not None


def test_cookies_are_for_this_site_alone_and_no_script_reads_them(settings: LazySettings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    make_contact_row()
    browser = Client()
    ask(browser)
    asked = browser.cookies[BROWSER_COOKIE]
    browser.post(read_link()[0])
    inside = browser.cookies[SESSION_COOKIE]
    for cookie, same_site in ((asked, "Lax"), (inside, "Strict")):
        assert (cookie["path"], cookie["samesite"]) == ("/paroisse/", same_site)
        assert cookie["httponly"] and cookie["secure"]
    assert settings.SESSION_COOKIE_NAME not in browser.cookies
    assert not User.objects.exists()


def test_the_administration_and_this_site_do_not_know_each_other(admin_client: Client) -> None:
    assert admin_client.get("/paroisse/").context["visit"].contact is None
    inside = enter(make_contact_row())
    assert inside.get("/admin/").status_code == 302
    assert inside.get("/api/v1/tenants/").status_code == 401


def test_a_known_and_an_unknown_address_are_answered_alike() -> None:
    make_contact_row()
    told = []
    for mail in (MAIL, "nobody@example.org"):
        browser = Client()
        answer = browser.post("/paroisse/", {"mail": mail})
        page = browser.get(answer["Location"])
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode())
        told.append((answer.status_code, answer["Location"], sorted(browser.cookies), text))
        link = f"/paroisse/entrer/{make_secret()}"
        told[-1] += (browser.get(link).status_code, browser.post("/paroisse/code/", {"code": "000000"}).status_code)
    assert told[0] == told[1]


@pytest.mark.usefixtures("one_moment")
def test_too_many_links_are_refused_alike_too() -> None:
    make_contact_row()
    for mail in (MAIL, "nobody@example.org"):
        answers = [Client().post("/paroisse/", {"mail": mail}).status_code for _number in range(LINKS_PER_ADDRESS + 1)]
        assert answers == [302] * LINKS_PER_ADDRESS + [429]


def test_two_parishes_of_one_address_are_chosen_between_both_ways() -> None:
    make_contact_row("saint-paul")
    make_contact_row("sainte-marie")
    for by_code in (False, True):
        browser = Client()
        ask(browser)
        link, code = read_link()
        place, fields = ("/paroisse/code/", {"code": code}) if by_code else (link, {})
        page = browser.post(place, fields)
        assert page.status_code == 200
        assert {contact.tenant.slug for contact in page.context["choices"]} == {"saint-paul", "sainte-marie"}
        assert browser.post(place, {**fields, "parish": "saint-jean"}).status_code == 200
        assert browser.post(place, {**fields, "parish": "sainte-marie"}).status_code == 302
        assert browser.get("/paroisse/").context["visit"].tenant.slug == "sainte-marie"


def test_what_is_typed_wrong_is_said_and_kept() -> None:
    page = Client().post("/paroisse/", {"mail": "jeanne@"})
    assert page.status_code == 400 and 'value="jeanne@"' in page.content.decode()
    assert not SignIn.objects.exists()


def test_an_address_is_confirmed_by_a_button_not_by_opening_the_link() -> None:
    now = timezone.now()
    add_contact(make_tenant_row(), name="Jeanne Martin", mail=MAIL, by="anne", now=now)
    found = re.search(r"/paroisse/confirmer/\S+", ContactMail.objects.get(is_secret=True).body)
    assert found
    browser = Client()
    assert browser.get(found[0]).status_code == browser.head(found[0]).status_code == 200
    assert ParishContact.objects.get().confirmed_at is None
    assert "confirmée" in browser.post(found[0]).content.decode()
    assert ParishContact.objects.get().confirmed_at is not None
    assert browser.post(found[0]).status_code >= 400


def test_a_new_way_in_ends_the_session_before() -> None:
    contact = make_contact_row()
    browser = enter(contact)
    ask(browser)
    browser.post(read_link()[0])
    assert DoorSession.objects.count() == 1
    assert browser.get("/paroisse/").context["visit"].contact == contact

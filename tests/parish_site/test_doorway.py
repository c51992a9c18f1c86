"""Headers, language, methods and cookies of every page; secrets of links reach no line of the log."""

import io
import json
import logging

import pytest
from django.test import Client
from django.urls import reverse

from civiparoisse.log_lines import JsonLine, TextLine
from parish_site.doorway import BROWSER_COOKIE, SESSION_COOKIE
from parish_site.keys import make_secret
from tests.parish_site.people import ask, enter, make_contact_row, read_link

PAGES = ("/paroisse/", "/paroisse/code/", "/paroisse/demandes/", "/paroisse/nothing/", "/paroisse/entrer/x")
INSIDE = ("/paroisse/", "/paroisse/demander/", "/paroisse/demandes/", "/paroisse/demandes/K7M2-QX4P/")

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", PAGES)
def test_no_page_is_kept_framed_or_found_and_none_runs_a_script(address: str) -> None:
    for client in (Client(), enter(make_contact_row(mail=f"{len(address)}@example.org"))):
        answer = client.get(address)
        assert answer["Cache-Control"] == "no-store" and answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff" and answer["X-Robots-Tag"] == "noindex"
        # Never more than the host: neither to others nor, in a proxy's log, to ourselves.
        assert answer["Referrer-Policy"] == "strict-origin"
        policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'" and "script-src" not in policy
        assert policy["style-src"] == "'self'" and policy["frame-ancestors"] == "'none'"


def test_pages_are_french_whatever_the_browser_speaks() -> None:
    inside = enter(make_contact_row())
    for client, address in ((Client(), "/paroisse/"), (Client(), "/paroisse/nothing"), (inside, "/paroisse/")):
        answer = client.get(address, headers={"accept-language": "en"})
        page = answer.content.decode()
        assert answer["Content-Language"] == "fr"
        assert '<html lang="fr">' in page and "first page" not in page and "Send me" not in page


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_do_nothing(method: str) -> None:
    inside = enter(make_contact_row())
    for address in (*INSIDE, "/paroisse/sortir/", f"/paroisse/entrer/{make_secret()}"):
        assert getattr(inside, method)(address).status_code == 405
    assert inside.get("/paroisse/").context["visit"].contact is not None


def test_leaving_takes_a_post_and_every_post_takes_a_token() -> None:
    contact = make_contact_row()
    assert enter(contact).get("/paroisse/sortir/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies[SESSION_COOKIE] = enter(contact).cookies[SESSION_COOKIE].value
    for address in (
        "/paroisse/",
        "/paroisse/code/",
        "/paroisse/sortir/",
        "/paroisse/demander/autre/help/",
        "/paroisse/x",
    ):
        answer = strict.post(address, {"mail": "a@example.org", "why": "x"})
        assert answer.status_code == 403 and "cookies" in answer.content.decode(), address
    assert strict.get("/paroisse/").context["visit"].contact == contact


def test_a_session_that_is_over_leads_to_the_way_in_and_does_nothing() -> None:
    client = Client()
    client.cookies[SESSION_COOKIE] = make_secret()
    answer = client.post("/paroisse/demander/autre/help/", {"why": "x"})
    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('door')}?dehors=1")
    assert "Vous êtes sorti" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("value", ["", "x", "é" * 43, "\x01" * 43, "a" * 5000])
def test_odd_cookies_are_nobody(value: str) -> None:
    client = Client()
    client.cookies[SESSION_COOKIE] = client.cookies[BROWSER_COOKIE] = value
    assert client.get("/paroisse/").context["visit"].contact is None
    assert client.post("/paroisse/code/", {"code": "123456"}).status_code == 400
    assert client.post(f"/paroisse/entrer/{make_secret()}").status_code == 404


def test_no_line_of_the_log_has_the_secret_of_a_link() -> None:
    make_contact_row()
    browser, elsewhere = Client(), Client()
    ask(browser)
    link, code = read_link()
    secret = link.rpartition("/")[2]
    written = io.StringIO()
    handlers = [logging.StreamHandler(written), logging.StreamHandler(written)]
    root = logging.getLogger()
    for handler, formatter in zip(handlers, (TextLine("%(message)s"), JsonLine()), strict=True):
        handler.setFormatter(formatter)
        root.addHandler(handler)
        logging.getLogger("django").addHandler(handler)
    try:
        elsewhere.get(link)
        elsewhere.post(link, headers={"referer": f"http://testserver{link}"})
        browser.put(link)
        Client(enforce_csrf_checks=True).post(link)
        browser.get(f"/paroisse/confirmer/{secret}/more")
        logging.getLogger("django.server").info('"GET %s HTTP/1.1" 200', link)
        logging.getLogger("x").warning("http://testserver%s", link)
    finally:
        for handler in handlers:
            root.removeHandler(handler)
            logging.getLogger("django").removeHandler(handler)
    lines = written.getvalue()
    assert "paroisse/entrer/***" in lines and secret not in lines and code not in lines
    assert all(json.loads(line) for line in lines.splitlines() if line.startswith("{"))

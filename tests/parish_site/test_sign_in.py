"""A link opens once, in its browser, for 15 minutes; nothing tells an address that is known from one that is not."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.conf import LazySettings
from django.core import serializers
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from domain.errors import CiviparoisseError
from parish_requests.models import ContactMail
from parish_site.keys import make_secret
from parish_site.models import SignIn
from parish_site.sign_in import (
    MOST_WRONG_CODES,
    ask_link,
    clean_mail,
    find_link,
    forget_sign_ins,
    open_code,
    open_link,
    send_links,
)
from tests.parish_site.people import CODE, LINK, MAIL, make_contact_row

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ORIGIN = "192.0.2.1"
LAST = timedelta(minutes=15) - timedelta(seconds=1)
OVER = timedelta(minutes=15)
pytestmark = pytest.mark.django_db


def get_link(*, browser: str = "mine", mail: str = MAIL) -> tuple[str, str]:
    """Ask, and return the secret and the code of the mail."""
    ask_link(mail, browser=browser, origin=ORIGIN, now=NOW)
    assert send_links(now=NOW) == 1
    body = ContactMail.objects.order_by("-pk")[0].body
    link, code = LINK.search(body), CODE.search(body)
    assert link and code
    return link[1], "".join(code.groups())


def open_it(secret: str, *, browser: str = "mine", parish: str = "", now: datetime = NOW) -> object:
    return open_link(secret, browser=browser, parish=parish, origin=ORIGIN, now=now).contact


def type_it(code: str, *, browser: str = "mine", parish: str = "", now: datetime = NOW) -> object:
    return open_code(code, browser=browser, parish=parish, origin=ORIGIN, now=now).contact


def list_statements(asked: CaptureQueriesContext) -> list[str]:
    """Return what was asked of the database, without the values."""
    statements = [str(query["sql"]).split(" VALUES ")[0].split(" WHERE ")[0] for query in asked]
    return [statement for statement in statements if "SAVEPOINT" not in statement]


def test_a_link_opens_once() -> None:
    contact = make_contact_row()
    secret, code = get_link()
    assert find_link(secret, browser="mine", now=NOW) and find_link(secret, browser="mine", now=NOW)
    assert open_it(secret, now=NOW + LAST) == contact
    with pytest.raises(CiviparoisseError) as again:
        open_it(secret)
    with pytest.raises(CiviparoisseError) as typed:
        type_it(code)
    assert (again.value.code, typed.value.code) == ("door_link_invalid", "door_code_wrong")


def test_a_code_opens_once_and_may_have_a_blank() -> None:
    contact = make_contact_row()
    secret, code = get_link()
    assert type_it(f" {code[:3]} {code[3:]} ") == contact
    for attempt in (lambda: type_it(code), lambda: open_it(secret)):
        with pytest.raises(CiviparoisseError):
            attempt()


def test_what_is_guessed_too_old_or_elsewhere_opens_nothing() -> None:
    make_contact_row()
    secret, code = get_link()
    refused = []
    for attempt in (
        lambda: open_it(make_secret()),
        lambda: open_it(""),
        lambda: open_it(secret, now=NOW + OVER),
        lambda: open_it(secret, browser="another"),
        lambda: open_it(secret, browser=""),
        lambda: type_it(code, browser="another"),
        lambda: type_it(code, browser=""),
        lambda: type_it(code, now=NOW + OVER),
        lambda: type_it(""),
    ):
        with pytest.raises(CiviparoisseError) as error:
            attempt()
        refused.append(error.value.code)
    unknown, elsewhere, wrong = "door_link_invalid", "door_link_elsewhere", "door_code_wrong"
    assert refused == [unknown, unknown, unknown, elsewhere, elsewhere, wrong, wrong, wrong, wrong]
    assert open_it(secret)


def test_after_five_wrong_codes_neither_code_nor_link_opens() -> None:
    make_contact_row()
    secret, code = get_link()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _number in range(MOST_WRONG_CODES):
        with pytest.raises(CiviparoisseError):
            type_it(wrong)
    for attempt in (lambda: type_it(code), lambda: open_it(secret)):
        with pytest.raises(CiviparoisseError):
            attempt()
    assert SignIn.objects.get().wrong_codes == MOST_WRONG_CODES


def test_four_wrong_codes_are_forgiven_and_right_ones_do_not_count() -> None:
    make_contact_row("saint-paul")
    contact = make_contact_row("sainte-marie")
    _secret, code = get_link()
    for _number in range(MOST_WRONG_CODES - 1):
        with pytest.raises(CiviparoisseError):
            type_it(f"{(int(code) + 1) % 10**6:06}")
    assert type_it(code) is None and type_it(code) is None, "of two parishes one is chosen first"
    assert type_it(code, parish="sainte-marie") == contact


def test_an_address_of_several_parishes_chooses_and_only_among_its_own() -> None:
    first, second = make_contact_row("saint-paul"), make_contact_row("sainte-marie")
    make_contact_row("saint-jean", mail="other@example.org")
    secret, _code = get_link()
    for parish in ("", "saint-jean", "nowhere"):
        found = open_link(secret, browser="mine", parish=parish, origin=ORIGIN, now=NOW)
        assert found.contact is None and set(found.choices) == {first, second}
    assert open_it(secret, parish="sainte-marie") == second
    with pytest.raises(CiviparoisseError):
        open_it(secret, parish="saint-paul")


def test_who_was_removed_or_never_confirmed_does_not_come_in() -> None:
    contact = make_contact_row()
    secret, code = get_link()
    contact.delete()
    for attempt in (lambda: open_it(secret), lambda: type_it(code)):
        with pytest.raises(CiviparoisseError):
            attempt()
    contact = make_contact_row()
    type(contact).objects.update(confirmed_at=None)
    ask_link(MAIL, browser="mine", origin=ORIGIN, now=NOW)
    assert send_links(now=NOW) == 0


def test_the_newest_mail_of_a_browser_has_its_code_and_each_link_opens() -> None:
    contact = make_contact_row()
    first_secret, first_code = get_link()
    _second_secret, second_code = get_link()
    if first_code != second_code:
        with pytest.raises(CiviparoisseError):
            type_it(first_code)
    assert open_it(first_secret) == contact
    assert type_it(second_code) == contact


def test_a_known_and_an_unknown_address_take_the_same_way() -> None:
    make_contact_row()
    ways = []
    for mail in (MAIL, "nobody@example.org"):
        with CaptureQueriesContext(connection) as asked:
            ask_link(mail, browser="mine", origin=ORIGIN, now=NOW)
        ways.append(list_statements(asked))
    assert ways[0] == ways[1] and len(ways[0]) >= 5
    known, unknown = SignIn.objects.order_by("pk")
    told = ("browser_sha256", "code_sha256", "asked_at", "expires_at", "handled_at", "used_at", "wrong_codes")
    assert [getattr(known, name) for name in told] == [getattr(unknown, name) for name in told]
    assert not ContactMail.objects.exists(), "nothing of a contact is looked at before the answer"


def test_typed_codes_take_the_same_way_too() -> None:
    make_contact_row()
    ways = []
    for mail, browser in ((MAIL, "mine"), ("nobody@example.org", "other")):
        ask_link(mail, browser=browser, origin=ORIGIN, now=NOW)
        send_links(now=NOW)
        with CaptureQueriesContext(connection) as asked, pytest.raises(CiviparoisseError) as refused:
            type_it("nothing", browser=browser)
        ways.append((refused.value.code, list_statements(asked)))
    assert ways[0] == ways[1]


def test_a_mail_leaves_for_a_contact_alone_once_and_holds_the_only_copy() -> None:
    make_contact_row()
    for mail in (f" {MAIL.upper()} ", "nobody@example.org"):
        ask_link(mail, browser="mine", origin=ORIGIN, now=NOW)
    assert send_links(now=NOW) == 1
    assert send_links(now=NOW) == 0
    mail_row = ContactMail.objects.get()
    assert mail_row.address == MAIL and mail_row.is_secret
    link, code = LINK.search(mail_row.body), CODE.search(mail_row.body)
    kept = serializers.serialize("json", SignIn.objects.all())
    assert link and code and link[1] not in kept and "".join(code.groups()) not in json.loads(kept)


def test_a_worker_that_dies_in_the_middle_leaves_the_link_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    make_contact_row()
    ask_link(MAIL, browser="mine", origin=ORIGIN, now=NOW)
    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(
            "parish_site.sign_in.write_mail", lambda *_given, **_named: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        send_links(now=NOW)
    assert SignIn.objects.get().handled_at is None
    assert send_links(now=NOW) == 1


def test_a_link_that_is_too_late_is_not_sent() -> None:
    make_contact_row()
    ask_link(MAIL, browser="mine", origin=ORIGIN, now=NOW)
    assert send_links(now=NOW + OVER) == 0


def test_the_link_begins_with_the_address_of_this_service(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://manager.example.org"
    make_contact_row()
    get_link()
    assert "https://manager.example.org/paroisse/entrer/" in ContactMail.objects.get().body


@pytest.mark.parametrize(
    "mail", ["", "jeanne", "a@b", "a@exam ple.org", f"{'a' * 64}@{'b' * 200}.org", "é@example.org"]
)
def test_what_is_no_address_is_refused_and_nothing_is_written(mail: str) -> None:
    with pytest.raises(CiviparoisseError) as refused:
        ask_link(mail, browser="mine", origin=ORIGIN, now=NOW)
    assert refused.value.code == "door_address_invalid"
    assert not SignIn.objects.exists()


def test_an_address_is_taken_however_it_is_written() -> None:
    assert clean_mail("  Jeanne@Saint-Paul.Example.ORG\n") == MAIL


def test_a_day_later_nobody_knows_who_asked() -> None:
    ask_link(MAIL, browser="mine", origin=ORIGIN, now=NOW)
    assert forget_sign_ins(now=NOW + timedelta(hours=23)) == 0
    assert forget_sign_ins(now=NOW + timedelta(hours=25)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_clicks_at_once_one_comes_in() -> None:
    make_contact_row()
    secret, code = get_link()

    def click(number: int) -> bool:
        try:
            return (open_it(secret) if number % 2 else type_it(code)) is not None
        except CiviparoisseError:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(click, range(8))) == 1


def test_the_bell_rings_for_a_known_address_and_for_an_unknown_one(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """The page does the same for both; the mail that leaves rings for itself, in the worker."""
    rung: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, *_arguments, **_options: rung.append(name))
    make_contact_row()
    for mail in (MAIL, "nobody@example.org"):
        with django_capture_on_commit_callbacks(execute=True):
            ask_link(mail, browser="mine", origin=ORIGIN, now=NOW)
            assert rung == []
        assert rung == ["parish_site.links"], mail
        rung.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert send_links(now=NOW) == 1
    assert rung == ["parish_requests.deliver"]

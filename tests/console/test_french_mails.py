"""No English in any mail: each place that writes one is found in the code, and its mails are written here."""

import ast
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django.utils.translation import override

from campaigns.advancing import advance_campaigns
from campaigns.finishing import NAMED_FAILURES
from campaigns.models import Campaign
from domain.parish_requests import Move, RequestState, Wish
from parish_requests.contacts import add_contact, remove_contact, resend_confirmation
from parish_requests.models import ContactMail, ParishContact, RequestRules, RestoreRequest
from parish_requests.notice_texts import ENDS_SOON
from parish_requests.notices import FOR_STAFF, _tell_staff, _write_mails
from parish_site.sign_in import ask_link, send_links
from tests.backups.rows import make_backup_row
from tests.campaigns.cast import NOON, make_fleet, make_started
from tests.console.filled import fill_manager
from tests.console.requests.rows import make_request_row, set_state
from tests.console.test_french import list_wrong
from tests.gates.source import PACKAGES, ROOT, list_modules
from tests.parish_requests.cast import make_contact
from tests.rows import make_instance_row
from tests.test_translations import WRONG_SPACE
from tests.watch.rows import make_problem_row, make_recipient_row
from watch.catalogue import SOURCES
from watch.checks.troubles import TROUBLES
from watch.models import Message, Problem
from watch.notices.digest import write_digests
from watch.notices.recipients import send_test
from watch.notices.texts import MOST_LINES
from watch.notices.writing import write_news
from watch.standing import list_standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
NOW = datetime(2026, 11, 30, 7, 30, tzinfo=ZoneInfo("Europe/Paris"))  # a Monday
PAST, DAY = NOW - timedelta(hours=3), timedelta(days=1)
WAYS = {"write_mail", "write_to_all", "EmailMessage", "EmailMultiAlternatives", "mail_admins", "mail_managers"}


def list_writers() -> set[str]:
    """Return every function of ours that writes a mail, by module and name; those that only hand one on are known."""
    found = set()
    for path in list_modules(PACKAGES):
        for function in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(function, ast.FunctionDef):
                called = {
                    node.func.id
                    for node in ast.walk(function)
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                    if node.func.id in WAYS
                    or (node.func.id == "Message" and "subject" in {keyword.arg for keyword in node.keywords})
                }
                found |= {f"{path.with_suffix('')}.{function.name}"} if called else set()
    return found


def write_problems() -> None:
    """One problem, then two, then all that the checks can say, more than a mail names; each begins, stands and ends."""
    with override("fr"):
        titles = [str(rule.label) for rule in TROUBLES.values()]
        found = [one for source in SOURCES for one in list_standing(source, now=timezone.now())]
    named = [{"title": title} for title in titles] + [{"title": one.title, "hint": one.hint} for one in found]
    assert len(named) > 8
    for count in (1, 2, max(MOST_LINES + 2, len(named))):
        Problem.objects.all().delete()
        for number in range(count):
            code = f"check-{number}"
            make_problem_row(code, "etat", **({"since": PAST} | named[number % len(named)]))
        write_news(now=NOW)
        write_news(now=NOW + 2 * DAY)
        Problem.objects.update(ended_at=NOW + 3 * DAY, open_key=None)
        write_news(now=NOW + 3 * DAY)


def write_digest() -> None:
    """Nothing, one problem, two, more than a mail names."""
    for week, count in enumerate((0, 1, 2, MOST_LINES + 1, MOST_LINES + 2)):
        Problem.objects.all().delete()
        for number in range(count):
            make_problem_row(f"check-{number}", "etat", title="Sauvegarde trop ancienne", since=PAST)
        assert write_digests(now=NOW + week * 7 * DAY) == 1


def write_test_message() -> None:
    recipient = make_recipient_row("essai", kind="webhook", address="https://example.org/", is_active=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("watch.notices.recipients.SENDERS", {"webhook": lambda *_given: None})
        send_test(recipient, now=NOW)


def list_requests() -> list[RestoreRequest]:
    """A request for each wish, as far as one can be recorded, whose asker is a contact who is told."""
    found = []
    for number, wish in enumerate(Wish):
        row = make_request_row(f"demande-{number}", wish=Wish.HELP, why="L’import a échoué.")
        row.wish, row.backup = wish, make_backup_row(row.instance)
        row.asked_by = make_contact(row.tenant, mail=f"jeanne-{number}@example.org")
        row.expires_at = row.not_before = row.ended_at = row.sandbox_until = NOW
        row.safety_backup = row.backup
        row.sandbox = row.instance
        row.save()
        found.append(row)
    return found


def write_moves() -> None:
    for request in list_requests():
        for what in (*Move, ENDS_SOON):
            _write_mails(request, what, text="Voici la réponse.", now=NOW)
        set_state(request, RequestState.QUESTION)
        _write_mails(request, ENDS_SOON, now=NOW)


def tell_staff() -> None:
    for request in list_requests():
        for what in (*FOR_STAFF, ENDS_SOON):
            _tell_staff(request, what, now=NOW)


def change_contacts() -> None:
    tenant = make_instance_row("contacts").tenant
    make_contact(tenant, "Paul Roth", mail="paul@example.org")
    contact = add_contact(tenant, name="Rose Weber", mail="rose@example.org", by="marc", now=NOW)
    resend_confirmation(contact, now=NOW + DAY)
    remove_contact(contact, now=NOW + DAY)


def ask_to_come_in() -> None:
    make_contact(make_instance_row("entree").tenant, mail="eva@example.org")
    ask_link("eva@example.org", browser="x", origin="192.0.2.1", now=timezone.now())
    assert send_links(now=timezone.now()) == 1


def end_campaigns() -> None:
    """Without a failure, with one, with more than a mail names."""
    for count in (1, 2, NAMED_FAILURES + 2, NAMED_FAILURES + 3):
        prefix = f"lot{count}"
        make_fleet(count, prefix=prefix)
        slugs = [f"{prefix}-{number:03}" for number in range(count)]
        campaign = make_started(now=NOON, name="Novembre", selection={"slugs": slugs})
        error = {"error_code": "engine_unavailable", "error_params": {"instance": slugs[0], "detail": "x"}}
        campaign.members.update(state="failed", **error)
        campaign.members.filter(position=0).update(state="done", error_code="", closed_seconds=75)
        advance_campaigns(now=NOON)
        assert Campaign.objects.get(pk=campaign.pk).state == "done"


# Who writes, and what makes it write all it can.
WRITERS: dict[str, Callable[[], None]] = {
    "watch/notices/writing._write": write_problems,
    "watch/notices/digest._write": write_digest,
    "watch/notices/recipients.send_test": write_test_message,
    "campaigns/finishing.finish_campaign": end_campaigns,
    "parish_requests/notices._write_mails": write_moves,
    "parish_requests/notices._tell_staff": tell_staff,
    "parish_requests/contacts._send_confirmation": change_contacts,
    "parish_requests/contacts._tell_informed": change_contacts,
    "parish_site/sign_in._send_link": ask_to_come_in,
}
# They hand on what the others wrote.
CARRIERS = {"watch/notices/mail.hand_over", "watch/notices/writing.write_to_all"}


def test_every_place_that_writes_a_mail_is_known_here() -> None:
    assert list_writers() == set(WRITERS) | CARRIERS


@pytest.mark.parametrize("writer", sorted(WRITERS))
def test_no_mail_has_an_english_word(writer: str) -> None:
    """Whatever the language of who causes it."""
    if writer == "watch/notices/writing._write":
        fill_manager()
    RequestRules.objects.get_or_create(defaults={"telephone": "+33 3 88 25 90 00"})
    make_recipient_row(has_digest=True)
    Message.objects.all().delete()
    ContactMail.objects.all().delete()
    ParishContact.objects.all().delete()
    with override("en"):
        WRITERS[writer]()
    mails = [*Message.objects.all(), *ContactMail.objects.all()]
    assert mails and all(mail.subject and mail.body for mail in mails)
    lines = {line for mail in mails for line in (mail.subject, *mail.body.splitlines())}
    assert list_wrong(lines) == []
    # The addresses of pages have no spaces to set, and names are written as people write them.
    assert [line for line in lines if WRONG_SPACE.search(line) or "'" in line] == []
    assert [line for line in lines if "%(" in line or "{" in line] == []

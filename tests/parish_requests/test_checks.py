"""What is wrong at the door of parishes stands on the first page: unanswered requests, mails that do not arrive."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from domain.findings import Level
from domain.states import InstanceState
from parish_requests.checks import CHECKS, DOORLESS, ENDING, SOURCE, UNDELIVERED, WAITING, list_request_alerts
from parish_requests.models import ContactMail, RestoreRequest
from parish_requests.post import write_mail
from tenants.models import Instance
from tests.parish_requests.cast import make_contact
from tests.people import read_page
from tests.rows import make_instance_row
from watch.checks.shapes import Alert
from watch.models import Problem
from watch.rounds import run_round

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def open_door(settings: Any) -> None:
    """A mail server and an address are set."""
    settings.EMAIL_HOST, settings.PUBLIC_URL = "mail.example.org", "https://civiparoisse.example.org"


def make_request(hours: float = 0, slug: str = "saint-paul", **values: Any) -> RestoreRequest:
    """Return a request that was sent so many hours ago."""
    row = _find_instance(slug)
    sent = timezone.now() - hours * HOUR
    given = {"wish": "help", "state": "submitted", "submitted_at": sent, "expires_at": sent + 3 * DAY}
    return RestoreRequest.objects.create(tenant=row.tenant, instance=row, **(given | values))


def _find_instance(slug: str) -> Any:
    return Instance.objects.filter(identifier=slug).first() or make_instance_row(slug, state=InstanceState.ACTIVE)


def find(code: str) -> Alert | None:
    return next((alert for alert in list_request_alerts(now=timezone.now()) if alert.code == code), None)


def test_what_waits_for_a_day_is_told_and_what_ends_soon_is_critical() -> None:
    make_request(5)
    make_request(90, state="done")
    make_request(60, state="question")
    assert list(list_request_alerts(now=timezone.now())) == []
    late = make_request(30)
    ending = make_request(50, "saint-jean")
    waiting, soon = find(WAITING), find(ENDING)
    assert waiting is not None and soon is not None
    assert (waiting.subjects, waiting.level, waiting.count) == ((late.reference,), Level.WARNING, 1)
    assert (soon.subjects, soon.level, soon.tenants) == (
        (ending.reference,),
        Level.CRITICAL,
        {ending.reference: "saint-jean"},
    )


def test_it_is_a_problem_of_its_parish_and_on_the_first_page(admin_client: Client) -> None:
    late = make_request(30)
    run_round(now=timezone.now())
    problem = Problem.objects.get(check_code=WAITING)
    assert (problem.subject, problem.tenant, problem.level) == (late.reference, "saint-paul", "warning")
    page = read_page(admin_client, "/admin/")
    assert "1 demande de paroisse attend une réponse depuis un jour" in page and late.reference in page
    RestoreRequest.objects.update(state="approved")
    run_round(now=timezone.now() + timedelta(minutes=2))
    problem.refresh_from_db()
    assert problem.ended_at is not None


def test_mails_that_do_not_arrive_are_told_by_address() -> None:
    now = timezone.now()
    row = _find_instance("saint-paul")
    make_contact(row.tenant, mail="jeanne@example.org")
    mail = write_mail("jeanne@example.org", "s", "b", now=now - 2 * HOUR)
    assert find(UNDELIVERED) is None
    ContactMail.objects.update(tries=5)
    alert = find(UNDELIVERED)
    assert alert is not None and alert.tenants == {"jeanne@example.org": "saint-paul"}
    ContactMail.objects.update(given_up_at=now)
    assert find(UNDELIVERED) is not None
    ContactMail.objects.update(given_up_at=now - 8 * DAY)
    assert find(UNDELIVERED) is None
    # A link to sign in is asked for again; what went to a contact that is gone is nobody's problem.
    write_mail("jeanne@example.org", "s", "b", is_secret=True, now=now)
    write_mail("gone@example.org", "s", "b", now=now)
    ContactMail.objects.exclude(pk=mail.pk).update(given_up_at=now)
    assert find(UNDELIVERED) is None


@pytest.mark.parametrize(("name", "setting"), [("MAIL_HOST", "EMAIL_HOST"), ("PUBLIC_URL", "PUBLIC_URL")])
def test_a_door_without_mails_or_address_is_told_once_there_are_contacts(
    settings: Any, name: str, setting: str
) -> None:
    setattr(settings, setting, "")
    assert find(DOORLESS) is None
    make_contact(_find_instance("saint-paul").tenant)
    alert = find(DOORLESS)
    assert alert is not None and f"CIVIPAROISSE_{name}" in alert.hint
    setattr(settings, setting, "x.example.org")
    assert find(DOORLESS) is None


def test_the_number_of_queries_does_not_grow_with_the_requests() -> None:
    counts = []
    for more in (1, 12):
        for _number in range(more):
            make_request(30)
            make_request(50)
        with CaptureQueriesContext(connection) as queries:
            assert len(list(list_request_alerts(now=timezone.now()))) == 2
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_each_check_is_looked_at_by_rounds() -> None:
    assert set(SOURCE.checks) == set(CHECKS) == {WAITING, ENDING, UNDELIVERED, DOORLESS}

"""Every page, list and task about requests asks the database as much at 10,000 requests and contacts as at 10."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.tokens import create_token
from parish_requests.delivery import deliver_due
from parish_requests.erasing import erase_old
from parish_requests.expiry import expire_requests
from parish_requests.models import ContactMail, ParishContact, RequestEvent, RestoreRequest
from parish_requests.running import advance_requests
from parish_site.sign_in import send_links
from tenants.models import Instance
from tests.parish_requests.cast import make_sent
from tests.parish_site.people import enter, make_contact_row
from tests.rows import make_instance_row

FEW, MANY = 10, 10_000
ADMIN, REST = "/admin/parish_requests", "/api/v1"
# The first ten all wait: as many as the first page shows.
STATES = ("submitted",) * 6 + ("question", "failed", "done", "undone")
BackedUp = tuple[Instance, str]


def add(own: Instance, other: Instance, *, first: int, number: int) -> None:
    """Write requests that have ended in `own`, and more that wait in `other`, which has their contacts; each with an
    event and a mail."""
    now = timezone.now()
    contacts = ParishContact.objects.bulk_create(
        ParishContact(tenant=other.tenant, name=f"Contact {at}", mail=f"c{at}@example.org", confirmed_at=now)
        for at in range(first, first + number)
    )
    requests = RestoreRequest.objects.bulk_create(
        RestoreRequest(
            reference=f"{at // 10_000:04d}-{at % 10_000:04d}",
            tenant=one.tenant,
            instance=one,
            wish="help",
            state=state,
            asked_by=contacts[at - first],
            asked_name=contacts[at - first].name,
            submitted_at=now - timedelta(hours=1),
            expires_at=now + timedelta(hours=60),
            ended_at=now - timedelta(minutes=5),
        )
        for at in range(first, first + number)
        for state in [STATES[at % len(STATES)] if at >= FEW else "submitted"]
        for one in [own if state in ("done", "undone") else other]
    )
    RequestEvent.objects.bulk_create(
        RequestEvent(request=one, number=1, at=now, actor_kind="system", what="submit", sha256="0" * 64)
        for one in requests
    )
    ContactMail.objects.bulk_create(
        ContactMail(
            request=one,
            message_id=f"m{one.reference}",
            address="a@example.org",
            created_at=now,
            due_at=now,
            sent_at=now,
        )
        for one in requests
    )


def list_looks(parish: Client, staff: Client, api: Client, request: RestoreRequest) -> dict[str, Callable[[], object]]:
    """Return everything that is looked at, by name; a page must answer with 200."""

    def look(client: Client, address: str) -> Callable[[], object]:
        def ask() -> None:
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)

        return ask

    door = ("", "demander/", "demander/moment/?cause=import", "demandes/", f"demandes/{request.reference}/")
    console = ("/restorerequest/", "/parishcontact/", f"/restorerequest/{request.pk}/change/")
    rest = ("/requests/", f"/requests/{request.reference}/", "/contacts/", f"/requests/{request.reference}/record/")
    looks = {f"/paroisse/{path}": look(parish, f"/paroisse/{path}") for path in door}
    looks |= {path: look(staff, f"{ADMIN}{path}") for path in console} | {"/admin/": look(staff, "/admin/")}
    looks |= {path: look(api, f"{REST}{path}") for path in rest}
    tasks = (advance_requests, deliver_due, erase_old, expire_requests, send_links)
    return looks | {task.__name__: lambda task=task: task(now=timezone.now()) for task in tasks}  # type: ignore[misc]


def count(looks: dict[str, Callable[[], object]]) -> dict[str, int]:
    """Return how many queries each takes, once what is kept between two looks is there. Of the first page, which says
    too how the manager itself is at that moment, those of requests count."""
    counts = {}
    for name, look in looks.items():
        look()
        with CaptureQueriesContext(connection) as queries:
            look()
        counted = [query["sql"] for query in queries.captured_queries]
        counts[name] = len([text for text in counted if name != "/admin/" or "parish_requests_" in text])
    return counts


@pytest.mark.django_db
def test_ten_thousand_requests_take_as_many_queries_as_ten(backed_up: BackedUp) -> None:
    instance, _backup_id = backed_up
    contact = make_contact_row()
    request = make_sent(instance, contact=contact, wish="help", backup=None)
    staff = Client()
    staff.force_login(User.objects.create_user("anne", is_staff=True, is_superuser=True))
    api = Client(headers={"authorization": f"Bearer {create_token('anne', 'tests', scopes=['admin'])[1]}"})
    looks = list_looks(enter(contact), staff, api, request)
    other = make_instance_row("sainte-marie")
    add(instance, other, first=0, number=FEW)
    few = count(looks)
    add(instance, other, first=FEW, number=MANY - FEW)
    many = count(looks)
    assert {name: (few[name], many[name]) for name in few if few[name] != many[name]} == {}
    assert all(few.values())

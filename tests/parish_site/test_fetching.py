"""The data as a file on the request's page: the key once, the file by a button, both for whoever asked alone."""

import io
import re
import tarfile
from typing import Any

import pyrage
import pytest
from django.test import Client
from django.utils import timezone

from backups.models import Backup
from domain.states import InstanceState, OperationKind
from offsite.models import Download
from parish_requests import fetches
from parish_requests.contacts import remove_contact
from parish_requests.models import ContactMail, ParishContact, RestoreRequest
from parish_requests.running import advance_requests
from tests.backups.conftest import parishes
from tests.backups.parishes import Parishes
from tests.backups.rows import make_backup_row
from tests.parish_requests.cast import approve, make_approved, make_person
from tests.parish_site.people import enter, make_contact_row
from tests.rows import make_instance_row

__all__ = ["parishes"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]
KEY = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]+")
RECIPIENT = re.compile(r'name="recipient" value="(age1\w+)"')


def read(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return str(page.content.decode())


def fetch(client: Client, address: str, recipient: str) -> Any:
    return client.post(f"{address}donnees/", {"recipient": recipient})


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> RestoreRequest:
    """A download that is offered to Jeanne; its set is a row alone, so that nothing can be read of it."""
    monkeypatch.setattr(fetches, "is_readable", lambda _backup: True)
    site = make_instance_row(state=InstanceState.ACTIVE)
    make_backup_row(site, hours_ago=30, stored_bytes=1000)
    request = make_approved(site, contact=make_contact_row(), wish="download")
    advance_requests(now=timezone.now())
    return request


def get_asker(request: RestoreRequest) -> ParishContact:
    assert request.asked_by is not None
    return request.asked_by


def test_a_parish_asks_for_its_data_and_fetches_it(parishes: Parishes) -> None:  # noqa: F811 - the fixture
    paul = parishes.get()
    jeanne = make_contact_row()
    inside, other = enter(jeanne), enter(make_contact_row(mail="paul@example.org", name="Paul Roth"))
    older = parishes.run(OperationKind.BACKUP, paul).result["backup_id"]
    parishes.run(OperationKind.BACKUP, paul)
    form = read(inside, "/paroisse/demander/autre/download/")
    assert older in form and 'name="recipient"' in form
    wrong = inside.post("/paroisse/demander/autre/download/", {"moment": older, "recipient": "age1"})
    assert wrong.status_code == 400 and not RestoreRequest.objects.exists()
    address = inside.post("/paroisse/demander/autre/download/", {"moment": older})["Location"]
    request = RestoreRequest.objects.get()
    assert request.backup == Backup.objects.get(backup_id=older)
    approve(request, make_person())
    advance_requests(now=timezone.now())
    page = read(inside, address)
    assert "Vos données sont prêtes" in page and "/cle/" in page and "/donnees/" not in page
    assert "/cle/" not in read(other, address), "a colleague reads of it, and is offered nothing"
    # No link opens it: a GET of a scanner does nothing.
    for name in ("cle", "donnees"):
        assert inside.get(f"{address}{name}/").status_code == 405
    shown = inside.post(f"{address}cle/")
    text = shown.content.decode()
    (key,), (recipient,) = KEY.findall(text), RECIPIENT.findall(text)
    assert shown["Cache-Control"] == "no-store"
    assert not KEY.search(read(inside, address)), "it is shown once"
    assert fetch(other, address, recipient).status_code == 403
    assert fetch(Client(), address, recipient).status_code == 302 and not Download.objects.exists()
    answer = fetch(inside, address, recipient)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/octet-stream"
    assert re.fullmatch(r'attachment; filename="saint-paul-\d{4}-\d\d-\d\d\.tar\.age"', answer["Content-Disposition"])
    sealed = b"".join(answer.streaming_content)
    answer.close()
    plain = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(key)])
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        assert f"{older}/manifest.json" in archive.getnames()
    page = read(inside, address)
    assert "récupérées en entier" in page and "/donnees/" not in page
    assert fetch(inside, address, recipient).status_code == 409
    kept = str([*RestoreRequest.objects.values(), *request.events.values(), *ContactMail.objects.values()])
    assert key not in kept and Download.objects.get().requested_by == f"request {request.reference}"


def test_another_parish_is_answered_as_for_what_does_not_exist(offered: RestoreRequest) -> None:
    stranger = enter(make_contact_row("sainte-marie", mail="anne@example.org", name="Anne"))
    for name in ("cle", "donnees"):
        for reference in (offered.reference, "ZZZZ-ZZZZ"):
            answer = stranger.post(f"/paroisse/demandes/{reference}/{name}/", {"recipient": "x"})
            assert answer.status_code == 404 and offered.reference not in answer.content.decode()
    offered.refresh_from_db()
    assert offered.one_time_recipient == "" and not Download.objects.exists()


def test_what_cannot_be_read_is_told_on_the_page_and_noted(offered: RestoreRequest) -> None:
    inside, address = enter(get_asker(offered)), f"/paroisse/demandes/{offered.reference}/"
    (recipient,) = RECIPIENT.findall(inside.post(f"{address}cle/").content.decode())
    answer = fetch(inside, address, recipient)
    assert answer.status_code == 409 and "appelez" in answer.content.decode()
    assert Download.objects.get().error_code == "download_nowhere"
    assert offered.events.filter(what="fetch_ended").count() == 1
    assert "n’est pas arrivé en entier" in read(inside, address)


def test_who_is_removed_is_out_at_once(offered: RestoreRequest) -> None:
    jeanne = get_asker(offered)
    inside, address = enter(jeanne), f"/paroisse/demandes/{offered.reference}/"
    (recipient,) = RECIPIENT.findall(inside.post(f"{address}cle/").content.decode())
    remove_contact(jeanne, now=timezone.now())
    answer = fetch(inside, address, recipient)
    assert (answer.status_code, answer["Location"]) == (302, "/paroisse/?dehors=1") and not Download.objects.exists()


def test_it_is_taken_back_from_its_page_while_it_is_offered(offered: RestoreRequest) -> None:
    inside, address = enter(get_asker(offered)), f"/paroisse/demandes/{offered.reference}/"
    assert "/retirer/" in read(inside, address)
    assert inside.post(f"{address}retirer/").status_code == 302
    assert "/cle/" not in read(inside, address) and inside.post(f"{address}cle/").status_code == 409

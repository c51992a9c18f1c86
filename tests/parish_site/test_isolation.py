"""A parish never reads another one: over every address, every method and every identifier that there is of it.

Whatever is asked about what belongs to another parish is answered, to the letter, as what does not exist.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from backups.models import Backup
from domain.states import InstanceState
from operations.models import Operation
from operations.requests import request_operation
from parish_requests.models import ParishContact, RequestEvent, RestoreRequest
from parish_site.urls import urlpatterns
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.parish_requests.cast import make_sent
from tests.parish_site.people import enter, make_contact_row
from tests.rows import make_instance_row

METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
SECRET_WORDS = ("Schatz", "sainte-marie", "Sainte-Marie")
UNKNOWN = "ZZZZ-ZZZZ"
ACTS = ("envoyer", "retirer", "repondre", "defaire", "satisfait", "nothing")
FIELDS = {"text": "x", "why": "x", "satisfied": "yes", "seen": "", "cause": "deleted", "extent": "everything"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')

pytestmark = pytest.mark.django_db


class World:
    """Two parishes: who is in belongs to saint-paul; all that can be named of the other one is in `foreign`."""

    def __init__(self) -> None:
        own_site = make_instance_row("saint-paul", state=InstanceState.ACTIVE)
        make_backup_row(own_site, hours_ago=2)
        self.own = make_contact_row("saint-paul")
        site = make_instance_row("sainte-marie", state=InstanceState.ACTIVE)
        backup = make_backup_row(site, hours_ago=3)
        other = make_contact_row("sainte-marie", mail="schatz@example.org", name="Anne Schatz")
        request = make_sent(site, contact=other, backup=backup, why="Schatz")
        look = request_operation(
            kind="browse",
            instance=site,
            requested_by=f"contact {other.pk}",
            parameters={"backup": backup.backup_id, "look": "files", "search": "Schatz"},
        )
        draft = RestoreRequest.objects.create(
            tenant=own_site.tenant, instance=own_site, wish="help", why="Schatz", asked_name="Paul"
        )
        self.foreign = {
            "reference": [request.reference, request.reference.lower().replace("-", " "), draft.reference],
            "moment": [backup.backup_id],
            "look": [look.public_id],
        }
        self.client = enter(self.own)


def list_calls(names: dict[str, list[str]]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (address, fields) for every address of the site with every identifier of `names`."""
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        given: dict[str, str] = {}
        if "secret" in route or pattern.name in ("door-leave", "door-nothing"):
            continue
        for reference in names["reference"] if "reference" in route else [""]:
            for act in ACTS if "<str:act>" in route else [""]:
                address = route.replace("<str:reference>", reference).replace("<str:act>", act)
                for moment in names["moment"]:
                    for look in names["look"] if pattern.name == "door-find" else [""]:
                        given = {**FIELDS, "moment": moment, **({"look": look} if look else {})}
                        yield f"/paroisse/{address.replace('<str:wish>', 'backup')}", given


def call(client: Client, method: str, address: str, fields: dict[str, str]) -> HttpResponse:
    if method in ("get", "head", "post"):
        answer: Any = getattr(client, method)(address, fields)
    else:
        answer = getattr(client, method)(address)
    return answer  # type: ignore[no-any-return]


def read_rows() -> list[str]:
    """Return all rows of the other parish."""
    kept = (Instance, Backup, ParishContact, RestoreRequest, RequestEvent, Operation)
    rows = [str(row) for model in kept for row in model._base_manager.order_by("pk").values()]
    return [row for row in rows if any(word in row for word in SECRET_WORDS)]


@pytest.mark.parametrize("method", METHODS)
def test_nothing_of_another_parish_is_told_or_changed(method: str) -> None:
    world = World()
    before = read_rows()
    calls = list(list_calls(world.foreign))
    assert len(calls) > 25
    for address, fields in calls:
        answer = call(world.client, method, address, fields)
        text = answer.content.decode() + json.dumps(dict(answer.items()))
        told = [word for word in SECRET_WORDS if word in text.replace(address, "")]
        assert told == [], (method, address)
        assert answer.status_code < 500, (method, address)
    # What one's own parish asked for in passing is no business of the other.
    assert len(before) >= 5 and read_rows() == before


@pytest.mark.parametrize("method", METHODS)
def test_what_is_another_parishs_is_answered_as_what_does_not_exist(method: str) -> None:
    world = World()
    unknown = {"reference": [UNKNOWN] * 3, "moment": ["20200101T000000Z-000000"], "look": ["op-0000000000"]}
    calls = zip(list_calls(world.foreign), list_calls(unknown), strict=True)
    named = [pair for pair in calls if pair[0][0] != pair[1][0] or "fichier" in pair[0][0]]
    assert len(named) >= 21
    for (address, fields), (other_address, other_fields) in named:
        answers = []
        for where, given in ((address, fields), (other_address, other_fields)):
            answer = call(world.client, method, where, given)
            text = TOKEN.sub("", answer.content.decode()).replace(where, "")
            location = answer.get("Location", "").partition("?")[0]
            answers.append((answer.status_code, location, text))
        assert answers[0] == answers[1], (method, address)


@pytest.mark.parametrize("method", METHODS)
def test_without_a_session_nothing_inside_is_reached(method: str) -> None:
    world = World()
    before = RestoreRequest.objects.count(), RequestEvent.objects.count(), Operation.objects.count()
    own = make_sent(Instance.objects.get(identifier="saint-paul"), contact=world.own)
    own_names = {"reference": [own.reference] * 3, "moment": ["x"], "look": ["x"]}
    for stranger in (Client(), make_removed()):
        for address, fields in list_calls(own_names):
            if address in ("/paroisse/", "/paroisse/code/"):
                continue
            answer = call(stranger, method, address, fields)
            assert answer.status_code in (302, 405), (method, address)
            assert own.reference not in answer.content.decode()
    after = RestoreRequest.objects.count(), RequestEvent.objects.count(), Operation.objects.count()
    assert (after[0] - before[0], after[2] - before[2]) == (1, 0)
    own.refresh_from_db()
    assert own.state == "submitted"


def make_removed() -> Client:
    """Return the browser of somebody who was in, and whom UEPAL has removed since."""
    contact = make_contact_row("saint-paul", mail="gone@example.org", name="Paul")
    client = enter(contact, now=timezone.now())
    assert client.get("/paroisse/demandes/").status_code == 200
    contact.delete()
    return client


def test_a_look_of_another_person_of_the_same_parish_is_not_shown() -> None:
    world = World()
    site = Instance.objects.get(identifier="saint-paul")
    backup = Backup.objects.get(instance=site)
    look = request_operation(
        kind="browse",
        instance=site,
        requested_by="contact 0",
        parameters={"backup": backup.backup_id, "look": "files", "search": "x"},
    )
    fields = {"cause": "deleted", "moment": backup.backup_id, "extent": "part", "look": look.public_id}
    assert world.client.get("/paroisse/demander/fichier/", fields).status_code == 404
    Operation.objects.filter(pk=look.pk).update(requested_by=f"contact {world.own.pk}")
    assert world.client.get("/paroisse/demander/fichier/", fields).status_code == 200

"""A file is found by its name in a moment, by an ordinary look that its asker alone sees."""

import pytest
from django.test import Client

from operations.models import Operation
from parish_site.limits import SEARCHES_PER_CONTACT
from tenants.models import Instance
from tests.parish_site.people import enter, make_contact_row

pytestmark = pytest.mark.django_db

BackedUp = tuple[Instance, str]
PLACE = "/paroisse/demander/fichier/"
FOUND = {"within": "sites", "name": "default/files/photo.jpg", "kind": "file", "bytes": 3, "at": 0, "mode": "0644"}


@pytest.fixture
def given(backed_up: BackedUp) -> dict[str, str]:
    return {"cause": "deleted", "moment": backed_up[1], "extent": "part"}


@pytest.fixture
def inside(backed_up: BackedUp) -> Client:
    assert backed_up
    return enter(make_contact_row())


def end(operation: Operation, state: str, **values: object) -> None:
    Operation.objects.filter(pk=operation.pk).update(state=state, lock=None, **values)


def test_a_name_is_looked_for_and_what_was_found_is_chosen(inside: Client, given: dict[str, str]) -> None:
    answer = inside.post(PLACE, {**given, "name": "PHOTO"})
    look = Operation.objects.get(kind="browse")
    assert answer.status_code == 302 and answer["Location"].endswith(f"look={look.public_id}")
    asked = {name: look.parameters[name] for name in ("backup", "look", "search")}
    assert asked == {"backup": given["moment"], "look": "files", "search": "PHOTO"}
    assert "Nous cherchons" in inside.get(answer["Location"]).content.decode()
    end(look, "succeeded", result={"entries": [FOUND], "next": 100, "search": "PHOTO"})
    page = inside.get(answer["Location"]).content.decode()
    assert 'value="sites/default/files/photo.jpg"' in page and "Il y en a d’autres" in page
    end(look, "succeeded", result={"entries": [], "next": None, "search": "PHOTO"})
    assert "Rien ne contient" in inside.get(answer["Location"]).content.decode()


def test_a_look_that_failed_says_so(inside: Client, given: dict[str, str]) -> None:
    answer = inside.post(PLACE, {**given, "name": "photo"})
    params = {"operation": "op-1", "instance": "saint-paul"}
    end(Operation.objects.get(kind="browse"), "failed", error_code="operation_cancelled", error_params=params)
    page = inside.get(answer["Location"])
    assert page.context["has_failed"] and 'role="alert"' in page.content.decode()


def test_without_a_name_or_a_moment_nothing_is_looked_for(inside: Client, given: dict[str, str]) -> None:
    assert inside.post(PLACE, {**given, "name": "  "}).status_code == 400
    assert inside.post(PLACE, {"name": "photo"}).status_code == 302
    assert not Operation.objects.filter(kind="browse").exists()


@pytest.mark.usefixtures("one_moment")
def test_one_person_does_not_keep_the_workers_busy(inside: Client, given: dict[str, str]) -> None:
    answers = [inside.post(PLACE, {**given, "name": "x"}).status_code for _number in range(SEARCHES_PER_CONTACT + 1)]
    # One look at a time, and so many in an hour.
    assert answers == [302] + [409] * (SEARCHES_PER_CONTACT - 1) + [429]

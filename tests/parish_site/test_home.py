"""The first page tells a parish what is known of its site and its data: looked up, in words, and never a machine's."""

import pytest
from django.test import Client
from django.utils import timezone

from domain.states import InstanceState
from operations.models import Operation
from parish_requests.models import RequestRules
from tests.backups.rows import make_backup_row
from tests.parish_requests.cast import make_sent
from tests.parish_site.people import enter, make_contact_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def read(client: Client) -> str:
    page = client.get("/paroisse/")
    assert page.status_code == 200
    return page.content.decode()


def test_it_tells_the_site_the_saves_the_contacts_and_the_requests() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    newest = make_backup_row(instance, hours_ago=3)
    proven = make_backup_row(instance, hours_ago=30, proven_at=timezone.now())
    request = make_sent(instance, contact=make_contact_row(), wish="help")
    RequestRules.objects.create(telephone="03 88 00 00 00")
    client = enter(request.asked_by)  # type: ignore[arg-type]
    answer = client.get("/paroisse/")
    page = answer.content.decode()
    for words in ("Votre site fonctionne.", "www.saint-paul.example.org", "CiviCRM 5.61.1", "2 fois", "Jeanne Martin"):
        assert words in page
    assert request.reference in page and "03 88 00 00 00" in page
    assert answer.context["saved_at"] == newest.started_at and answer.context["proven_at"] == proven.proven_at
    assert answer.context["protected_at"] is None and "jamais encore" in page


def test_it_names_no_machine_nobody_of_uepal_and_no_cost() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE, engine="cluster-7.internal")
    backup = make_backup_row(instance, hours_ago=3, pinned_by="marc")
    operation = Operation.objects.create(
        kind="upgrade", instance=instance, subject="saint-paul", requested_by="marc", state="succeeded",
        ended_at=timezone.now(),
    )  # fmt: skip
    page = read(enter(make_contact_row()))
    assert "Votre site a reçu une version plus récente." in page
    for word in ("cluster-7", "marc", backup.backup_id, operation.public_id, "€", "EUR"):
        assert word not in page


def test_a_parish_without_a_site_is_told_so_and_asks_for_nothing() -> None:
    client = enter(make_contact_row())
    assert "n’a pas de site" in read(client)
    assert client.get("/paroisse/demander/moment/", {"cause": "import"}).status_code == 404


@pytest.mark.parametrize("state", [state for state in InstanceState if state is not InstanceState.DELETED])
def test_every_state_of_a_site_has_its_sentence(state: InstanceState) -> None:
    make_instance_row(state=state)
    page = read(enter(make_contact_row()))
    assert ("Votre site fonctionne." in page) == (state is InstanceState.ACTIVE)
    assert 'class="note good"' in page or 'class="note bad"' in page


def test_only_open_requests_stand_there_and_so_many_at_most() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    jeanne = make_contact_row()
    sent = [make_sent(instance, contact=jeanne, wish="help", why=f"{number}") for number in range(3)]
    type(sent[0]).objects.filter(pk=sent[0].pk).update(state="withdrawn")
    page = read(enter(jeanne))
    assert [row.reference in page for row in sent] == [False, True, True]


def test_a_moment_long_ago_is_still_in_its_month() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    backup = make_backup_row(instance, hours_ago=24 * 200)
    answer = enter(make_contact_row()).get("/paroisse/")
    first = timezone.localtime(backup.started_at).date().replace(day=1)
    assert [month.first for month in answer.context["months"]] == [first]

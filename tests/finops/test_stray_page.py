"""The page of something nobody's: told to who may look, removed by who may delete, once its name was typed."""

import pytest
from django.test import Client

from domain.specs import ALL_COMPONENTS
from tests.engines import FakeEngine
from tests.people import make_client, read_page
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
PAGE = "/admin/finops/nobodys/fake/old/"


@pytest.fixture(autouse=True)
def stray(engine: FakeEngine) -> None:
    engine.is_shared = False
    engine.set_up("old", running=ALL_COMPONENTS, backup_ids=("20260101T010000Z-5f3a9c",))


def test_it_is_told_and_removed_once_its_name_was_typed(admin_client: Client, engine: FakeEngine) -> None:
    assert "20260101T010000Z-5f3a9c" in read_page(admin_client, PAGE)
    refused = admin_client.post(PAGE, {"confirm": "ol"})
    assert "cp-danger" in refused.content.decode() and engine.observe("old").exists
    answer = admin_client.post(PAGE, {"confirm": " old "})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/finops/savings/")
    assert not engine.observe("old").exists
    assert admin_client.get(PAGE).status_code == 404


def test_who_may_only_look_removes_nothing(engine: FakeEngine) -> None:
    client = make_client("finops.view_interval")
    assert 'name="confirm"' not in read_page(client, PAGE)
    assert client.post(PAGE, {"confirm": "old"}).status_code == 403
    assert engine.observe("old").exists
    assert make_client(name="paul").get(PAGE).status_code == 403


def test_what_is_somebodys_is_said_and_left(admin_client: Client, engine: FakeEngine) -> None:
    make_instance_row("old")
    assert 'name="confirm"' not in read_page(admin_client, PAGE)
    assert "cp-danger" in admin_client.post(PAGE, {"confirm": "old"}).content.decode()
    assert engine.observe("old").exists

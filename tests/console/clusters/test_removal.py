"""The page of what has no Instance row: told to who may look, removed by who may delete, once its name was typed."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from domain.fleet import ObservedVolume
from domain.specs import ALL_COMPONENTS
from operations.models import Operation
from tests.builders import GIBIBYTE
from tests.engines import FakeEngine
from tests.finops.fleets import make_recorded
from tests.operations.conftest import Finish, clock, finish
from tests.people import make_client, read_page
from tests.rows import make_instance_row

__all__ = ["clock", "finish"]
pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/removal/fake/instance/old/"


@pytest.fixture(autouse=True)
def old(engine: FakeEngine) -> None:
    engine.set_up("old", running=ALL_COMPONENTS, backup_ids=("20260101T010000Z-5f3a9c",))


def test_it_is_told_and_removed_once_its_name_was_typed(
    admin_client: Client, engine: FakeEngine, finish: Finish
) -> None:
    assert "20260101T010000Z-5f3a9c" in read_page(admin_client, PAGE)
    refused = admin_client.post(PAGE, {"confirm": "ol"})
    assert "cp-danger" in refused.content.decode() and engine.observe("old").exists
    answer = admin_client.post(PAGE, {"confirm": " old "})
    operation = Operation.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/operations/operation/{operation.pk}/change/")
    assert "old" in read_page(admin_client, answer["Location"])
    assert "cp-danger" in admin_client.post(PAGE, {"confirm": "old"}).content.decode(), "it is under way"
    assert finish(operation).state == "succeeded" and not engine.observe("old").exists
    assert admin_client.get(PAGE).status_code == 404


def test_who_may_only_look_removes_nothing(engine: FakeEngine) -> None:
    client = make_client("finops.view_interval")
    assert 'name="confirm"' not in read_page(client, PAGE)
    assert client.post(PAGE, {"confirm": "old"}).status_code == 403
    assert engine.observe("old").exists
    assert make_client(name="paul").get(PAGE).status_code == 403


def test_a_volume_tells_what_it_is_and_is_removed(admin_client: Client, engine: FakeEngine, finish: Finish) -> None:
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    make_recorded("saint-paul", since=begun)
    left = {"capacity_bytes": GIBIBYTE, "instance": "saint-paul", "claim": "dbvolclaim", "is_bound": False}
    engine.volumes = (ObservedVolume(name="pv.1", reclaim_policy="Retain", created_at=begun, **left),)
    page = PAGE.replace("instance/old", "volume/pv.1")
    assert "Retain" in read_page(admin_client, page)
    assert admin_client.post(page, {"confirm": "pv.1"}).status_code == 302
    assert finish(Operation.objects.get()).state == "succeeded"
    assert engine.volumes == () and admin_client.get(page).status_code == 404
    assert admin_client.get(PAGE.replace("instance", "anything")).status_code == 404


def test_what_is_another_managers_is_said_and_left(admin_client: Client, engine: FakeEngine) -> None:
    engine.set_up("old", running=ALL_COMPONENTS, manager="them")
    assert 'name="confirm"' not in read_page(admin_client, PAGE)
    assert "cp-danger" in admin_client.post(PAGE, {"confirm": "old"}).content.decode()
    assert engine.observe("old").exists


def test_what_is_somebodys_is_said_and_left(admin_client: Client, engine: FakeEngine) -> None:
    make_instance_row("old")
    assert 'name="confirm"' not in read_page(admin_client, PAGE)
    assert "cp-danger" in admin_client.post(PAGE, {"confirm": "old"}).content.decode()
    assert engine.observe("old").exists

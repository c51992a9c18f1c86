"""Savings on their pages: evidence, the way to follow one and the way back, scenarios side by side."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from domain.states import InstanceState
from finops.calendar import compute_day, compute_second
from finops.usage_models import FollowedAdvice
from operations.models import Operation
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded, write_use
from tests.operations.conftest import Finish, MovedClock
from tests.people import make_client, read_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fleet(engine: FakeEngine) -> Instance:
    """A parish that was given far more than it uses."""
    make_sheet(engine="")
    instance = make_recorded(since=timezone.now() - timedelta(days=40))
    engine.set_up("saint-paul")
    write_use(["saint-paul"], last=compute_day(compute_second(timezone.now())))
    return instance


def test_the_evidence_stands_beside_the_advice(admin_client: Client) -> None:
    page = read_page(admin_client, "/admin/finops/savings/saint-paul/")
    assert "0,06 cœur / 0,06 cœur" in page, "p95 and peak of the web server"
    assert "336 " in page, "samples: fourteen days of twenty-four"
    assert admin_client.get("/admin/finops/savings/nobody/").status_code == 404


def test_one_click_asks_for_an_ordinary_resize_and_a_second_one_for_nothing_more(
    admin_client: Client, finish: Finish, clock: MovedClock, fleet: Instance
) -> None:
    answer = admin_client.post("/admin/finops/savings/saint-paul/", {"key": "k"})
    operation = Operation.objects.get()
    assert (answer.status_code, operation.kind) == (302, "resize")
    assert answer.headers["Location"] == f"/admin/operations/operation/{operation.pk}/change/"
    assert admin_client.post("/admin/finops/savings/saint-paul/", {"key": "k"}).status_code == 302
    assert Operation.objects.count() == 1
    clock.move(3600)  # a page takes its time, the runner's clock stands still
    assert finish(operation).state == "succeeded"
    followed = FollowedAdvice.objects.get()
    page = read_page(admin_client, "/admin/finops/savings/")
    assert f"/admin/tenants/instance/{fleet.pk}/ask/resize/?plan={followed.plan_before}" in page, "the way back"
    refused = admin_client.post("/admin/finops/savings/saint-paul/", {"key": "other"})
    assert refused.status_code == 200 and Operation.objects.count() == 1


def test_who_may_only_look_gets_no_button_and_no_operation() -> None:
    client = make_client("finops.view_interval")
    page = read_page(client, "/admin/finops/savings/saint-paul/")
    assert "Lui donner ces tailles" not in page and "Give it these sizes" not in page
    assert client.post("/admin/finops/savings/saint-paul/", {"key": "k"}).status_code == 403
    assert not Operation.objects.exists()


def test_a_finding_leads_to_the_page_of_the_operation_that_answers_it(admin_client: Client, settings: object) -> None:
    instance = make_recorded("sainte-marie", since=timezone.now() - timedelta(days=90), state=InstanceState.SUSPENDED)
    Operation.objects.create(
        kind="suspend", instance=instance, subject="sainte-marie", requested_by="jeanne", state="succeeded",
        ended_at=timezone.now() - timedelta(days=80),
    )  # fmt: skip
    page = read_page(admin_client, "/admin/finops/savings/")
    assert f"/admin/tenants/instance/{instance.pk}/ask/delete/" in page
    settings.FINOPS_SUSPENDED_DAYS = 90  # type: ignore[attr-defined]
    assert f"/admin/tenants/instance/{instance.pk}/ask/delete/" not in read_page(admin_client, "/admin/finops/savings/")


def test_scenarios_take_their_parameters_and_refuse_what_is_none(admin_client: Client) -> None:
    page = read_page(admin_client, "/admin/finops/what-if/", percent="50", plan="test", mysql_price="59,90")
    assert "59,90 €" in page and "50 %" in page
    refused = read_page(admin_client, "/admin/finops/what-if/", percent="0")
    assert "cp-note cp-danger" in refused
    assert "cp-note cp-danger" in read_page(admin_client, "/admin/finops/what-if/", plan="nothing")

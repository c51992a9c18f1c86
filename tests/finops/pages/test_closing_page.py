"""A month is closed on its page by who may, once the month was typed, and never twice."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from finops.calendar import Month, compute_month
from finops.models import ClosedMonth
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded
from tests.people import make_client, read_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def month(db: None) -> Month:  # noqa: ARG001 - the database must be there
    """The month that is over, in which a parish ran."""
    make_sheet(engine="")
    last = compute_month(timezone.now()).add(-1)
    make_recorded(since=datetime.fromtimestamp(last.start, tz=UTC))
    return last


def test_it_is_offered_confirmed_and_final(admin_client: Client, month: Month) -> None:
    page = f"/admin/finops/close/{month}/"
    assert page in read_page(admin_client, "/admin/finops/", month=str(month))
    assert "€" in read_page(admin_client, page)
    assert admin_client.post(page, {"confirm": "2001-01"}).status_code == 200 and not ClosedMonth.objects.exists()
    answer = admin_client.post(page, {"confirm": f" {month} "})
    assert answer.status_code == 302 and ClosedMonth.objects.get().closed_by == "admin"
    assert page not in read_page(admin_client, "/admin/finops/", month=str(month))
    assert admin_client.post(page, {"confirm": str(month)}).status_code == 200, "closed already"
    assert ClosedMonth.objects.count() == 1


def test_the_present_month_is_not_offered_and_not_closed(admin_client: Client, month: Month) -> None:
    present = month.add(1)
    page = f"/admin/finops/close/{present}/"
    assert page not in read_page(admin_client, "/admin/finops/")
    assert "cp-danger" in admin_client.post(page, {"confirm": str(present)}).content.decode()
    assert not ClosedMonth.objects.exists()
    assert admin_client.get("/admin/finops/close/2026-13/").status_code == 404


def test_who_may_only_look_does_not_close(month: Month) -> None:
    client = make_client("finops.view_interval")
    page = f"/admin/finops/close/{month}/"
    assert page not in read_page(client, "/admin/finops/", month=str(month))
    assert client.post(page, {"confirm": str(month)}).status_code == 403
    assert not ClosedMonth.objects.exists()

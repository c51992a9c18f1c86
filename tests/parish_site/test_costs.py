"""Costs are shown to a parish where UEPAL lets them be, of a month that is closed, and only its own."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from finops.calendar import Month
from finops.models import ClosedLine
from finops.months.closing import close_month
from finops.wording.formats import format_money
from parish_requests.models import RequestRules
from parish_site.costs import describe_costs
from tenants.models import Tenant
from tests.finops.cases import GIBIBYTE, hold, make_sheet
from tests.parish_site.people import enter, make_contact_row

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def closed() -> Tenant:
    """Saint-Paul, in a month that is closed."""
    contact = make_contact_row()
    Tenant.objects.update(created_at=LONG_AGO)
    make_sheet()
    hold("saint-paul", cpu_millicores=1350, memory_bytes=GIBIBYTE)
    hold("gone", "storage", storage_bytes=GIBIBYTE)
    close_month(Month(2026, 3), by="anne", now=datetime(2026, 4, 2, tzinfo=UTC))
    return Tenant.objects.get(pk=contact.tenant_id)


def test_the_newest_closed_month_is_told_with_its_own_lines_alone(closed: Tenant) -> None:
    own = sum((line.amount for line in ClosedLine.objects.filter(tenant="saint-paul")), Decimal(0))
    with override("fr"):
        told = describe_costs(closed)
        assert own > 0 and "mars 2026" in told and format_money(own, "EUR") in told


def test_no_month_or_one_of_an_earlier_parish_of_that_name_tells_nothing(closed: Tenant) -> None:
    closed.created_at = datetime(2026, 5, 1, tzinfo=UTC)
    assert describe_costs(closed) == ""


def test_it_is_shown_where_uepal_lets_it(closed: Tenant) -> None:
    client = enter(closed.contacts.get())
    assert "mars 2026" not in client.get("/paroisse/").content.decode()
    RequestRules.objects.create(shows_costs=True)
    assert "mars 2026" in client.get("/paroisse/").content.decode()

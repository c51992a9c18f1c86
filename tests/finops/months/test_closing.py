"""A closed month never changes, whatever is learnt or priced later."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from domain.errors import CiviparoisseError, InvalidValue
from finops.calendar import Month
from finops.exports.month_files import FILES, make_file
from finops.models import Budget, ClosedLine, ClosedMonth, Interval, PriceLine
from finops.months.closing import close_month, enter_invoice
from finops.months.costs import compute_month_costs
from finops.months.reports import MonthReader, make_month_report
from tenants.models import Tenant
from tests.finops.cases import GIBIBYTE, hold, make_sheet
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db
MARCH = Month(2026, 3)
NOW = datetime(2026, 4, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def held() -> None:
    """Two parishes, one of which is in the list."""
    make_tenant_row("saint-paul")
    make_sheet()
    hold("saint-paul", cpu_millicores=1350, memory_bytes=GIBIBYTE)
    hold("gone", "storage", storage_bytes=GIBIBYTE)


def test_its_figures_are_kept_line_by_line() -> None:
    computed = compute_month_costs(MARCH, now=NOW)
    closed = close_month(MARCH, by="anne", now=NOW)
    assert (closed.bill, closed.parishes) == (computed.bill, computed.parishes)
    assert [line.amount for line in closed.lines] == [line.amount for line in computed.lines]
    assert (closed.closed_at, closed.currency, closed.hours) == (NOW, "EUR", 743)
    row = ClosedMonth.objects.get()
    assert (row.bill, row.closed_by) == (computed.bill, "anne")
    names = set(ClosedLine.objects.values_list("tenant", "tenant_name"))
    assert names == {("saint-paul", "Paroisse Saint-Paul d'Étupes"), ("gone", "")}


def test_later_prices_and_facts_do_not_change_it() -> None:
    before = close_month(MARCH, by="anne", now=NOW)
    PriceLine.objects.update(amount=Decimal(99))
    Interval.objects.update(cpu_millicores=99_000)
    hold("new", cpu_millicores=1)
    assert compute_month_costs(MARCH, now=NOW) == before
    assert compute_month_costs(Month(2026, 2), now=NOW).bill > before.bill


def test_it_keeps_the_names_that_parishes_had() -> None:
    close_month(MARCH, by="anne", now=NOW)
    Budget.objects.create(tenant="saint-paul", amount=5)
    Tenant.objects.update(name="Paroisse de Montbéliard")
    report = make_month_report(MARCH, MonthReader(now=NOW))
    named = {parish.tenant: (parish.name, parish.budget) for parish in report.parishes}
    assert named == {"saint-paul": ("Paroisse Saint-Paul d'Étupes", None), "gone": ("gone", None)}
    for form in FILES:
        content, _type, _name = make_file(MARCH, form, now=NOW)
        text = content if isinstance(content, str) else read_workbook(content)
        assert "Montbéliard" not in text and "Étupes" in text, form


def read_workbook(content: bytes) -> str:
    sheets = load_workbook(BytesIO(content)).worksheets
    return " ".join(str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row)


def test_it_is_closed_once_and_not_before_its_end() -> None:
    with pytest.raises(CiviparoisseError) as caught:
        close_month(Month(2026, 4), by="anne", now=NOW)
    assert caught.value.code == "month_not_over"
    close_month(MARCH, by="anne", now=NOW)
    with pytest.raises(CiviparoisseError) as caught:
        close_month(MARCH, by="anne", now=NOW)
    assert caught.value.code == "month_closed"
    assert ClosedMonth.objects.count() == 1


def test_the_invoice_is_entered_and_its_factor_shown() -> None:
    with pytest.raises(CiviparoisseError) as caught:
        enter_invoice(MARCH, Decimal(10))
    assert caught.value.code == "month_not_closed"
    bill = close_month(MARCH, by="anne", now=NOW).bill
    found = enter_invoice(MARCH, bill * 2)
    assert (found.invoice_total, found.factor, found.bill) == (bill * 2, 2, bill)
    for wrong in ("-1", "1.001", "NaN", "Infinity", "1e12"):
        with pytest.raises(InvalidValue):
            enter_invoice(MARCH, Decimal(wrong))


def test_rows_refuse_to_change_or_go() -> None:
    close_month(MARCH, by="anne", now=NOW)
    month, line = ClosedMonth.objects.get(), ClosedLine.objects.first()
    assert line is not None
    for refused in (
        month.delete,
        line.delete,
        line.save,
        lambda: month.save(update_fields=["bill"]),
        ClosedLine.objects.all().delete,
        ClosedMonth.objects.all().delete,
    ):
        with pytest.raises(CiviparoisseError) as caught:
            refused()
        assert caught.value.code == "month_closed"
    month.bill = Decimal(0)
    month.save()
    month.refresh_from_db()
    assert month.bill > 0, "only the invoice is written"


def test_a_month_that_cost_nothing_has_no_factor() -> None:
    Interval.objects.all().delete()
    close_month(MARCH, by="anne", now=NOW)
    assert enter_invoice(MARCH, Decimal(10)).factor is None

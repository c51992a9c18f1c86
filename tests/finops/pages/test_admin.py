"""Price sheets are checked as they are typed, budgets name a parish, and a closed month takes its invoice only."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from finops.models import Budget, ClosedMonth, PriceLine, PriceSheet
from tests.finops.cases import make_sheet
from tests.people import read_page
from tests.rows import make_plan_row, make_tenant_row

pytestmark = pytest.mark.django_db
SHEETS = "/admin/finops/pricesheet/"


def make_form(**changes: str) -> dict[str, str]:
    """Return what a browser sends for a sheet with one price."""
    line = {
        "kind": "cpu", "name": "", "amount": "0.03", "period": "hour", "quantity": "1", "cpu_millicores": "0",
        "memory_bytes": "0", "split": "even", "among": "provisioned", "key": "{}",
    }  # fmt: skip
    form = {
        "name": "OVH 2026", "engine": "", "valid_from": "01/01/2026", "valid_to": "", "currency": "eur",
        "vat_percent": "20", "mode": "rates", "byte_unit": "GiB", "month_hours": "", "cpu_weight": "9",
        "memory_weight": "1", "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0",
        **{f"lines-0-{name}": value for name, value in line.items()},
    }  # fmt: skip
    return {**form, **changes}


def test_a_sheet_is_typed_and_kept(admin_client: Client) -> None:
    assert admin_client.post(f"{SHEETS}add/", make_form()).status_code == 302
    sheet = PriceSheet.objects.get()
    assert (sheet.name, sheet.currency, sheet.lines.get().amount) == ("OVH 2026", "EUR", Decimal("0.03"))
    assert "OVH 2026" in read_page(admin_client, SHEETS)
    page = read_page(admin_client, f"{SHEETS}{sheet.pk}/change/")
    assert "civiparoisse/prices.js" in page and "data-price-example-url" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"currency": "€"}, "currency"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_to": "01/01/2026"}, "__all__"),
        ({"lines-0-amount": "0"}, "lines"),
        ({"lines-0-split": "key", "lines-0-kind": "shared"}, "lines"),
        ({"lines-0-kind": "node"}, "lines"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    admin_client: Client, changes: dict[str, str], field: str
) -> None:
    answer = admin_client.post(f"{SHEETS}add/", make_form(**changes))
    assert answer.status_code == 200 and not PriceSheet.objects.exists()
    errors = answer.context["adminform"].form.errors
    if field == "lines":
        formset = answer.context["inline_admin_formsets"][0].formset
        assert any(formset.errors) or formset.non_form_errors()
    else:
        assert field in errors


def test_a_price_of_nothing_is_kept_once_it_is_confirmed(admin_client: Client) -> None:
    form = make_form(**{"lines-0-amount": "0", "lines-0-zero_confirmed": "on"})
    assert admin_client.post(f"{SHEETS}add/", form).status_code == 302


def test_two_sheets_never_hold_for_the_same_day(admin_client: Client) -> None:
    make_sheet(engine="", valid_from=date(2025, 1, 1))
    answer = admin_client.post(f"{SHEETS}add/", make_form())
    assert "valid_from" in answer.context["adminform"].form.errors


def test_a_budget_is_a_parish_s_or_everybody_s(admin_client: Client) -> None:
    make_tenant_row("saint-paul")
    add = "/admin/finops/budget/add/"
    assert admin_client.post(add, {"tenant": "saint-paul", "amount": "40"}).status_code == 302
    assert admin_client.post(add, {"tenant": "", "amount": "400"}).status_code == 302
    assert admin_client.post(add, {"tenant": "nobody", "amount": "40"}).status_code == 200
    assert admin_client.post(add, {"tenant": "saint-paul", "amount": "50"}).status_code == 200, "one each"
    assert set(Budget.objects.values_list("tenant", "amount")) == {("saint-paul", 40), ("", 400)}


def test_a_closed_month_takes_its_invoice_and_nothing_else(admin_client: Client) -> None:
    month = ClosedMonth.objects.create(
        month="2026-10", hours=745, currency="EUR", vat_included=False, bill=Decimal("80.00"),
        closed_at=timezone.now(), closed_by="jeanne",
    )  # fmt: skip
    page = f"/admin/finops/closedmonth/{month.pk}/change/"
    assert admin_client.post(page, {"invoice_total": "100", "bill": "1"}).status_code == 302
    month.refresh_from_db()
    assert (month.invoice_total, month.bill) == (100, 80)
    assert "1,25" in read_page(admin_client, "/admin/finops/closedmonth/")
    assert admin_client.get("/admin/finops/closedmonth/add/").status_code == 403
    assert admin_client.post(f"/admin/finops/closedmonth/{month.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_example_follows_what_is_typed_and_keeps_nothing(admin_client: Client) -> None:
    make_plan_row()
    first = {name.removeprefix("lines-0-"): value for name, value in make_form().items() if "lines-0-" in name}
    others = ({**first, "kind": "memory", "amount": "0.004"}, {**first, "kind": "storage", "amount": "0.0001"})
    lines = {
        f"lines-{number}-{name}": value for number, line in enumerate(others, start=1) for name, value in line.items()
    } | {"lines-TOTAL_FORMS": "3"}
    example = "/admin/finops/price-example/"
    dear = admin_client.post(example, make_form(**{**lines, "lines-0-amount": "3"})).content
    cheap = admin_client.post(example, make_form(**lines)).content
    assert b"cp-example" in dear and b"cp-example" in cheap and dear != cheap
    assert not PriceSheet.objects.exists() and not PriceLine.objects.exists()
    incomplete = admin_client.post("/admin/finops/price-example/", make_form()).content
    assert b"cp-warning" in incomplete, "nobody has said what memory costs"
    assert b"cp-warning" in admin_client.post("/admin/finops/price-example/", make_form(currency="x")).content
    assert Client().post("/admin/finops/price-example/", make_form()).status_code == 302


def test_the_only_price_sheet_stays(admin_client: Client) -> None:
    sheet = make_sheet()
    assert "seule grille" in read_page(admin_client, f"/admin/finops/pricesheet/{sheet.pk}/delete/")
    admin_client.post(f"/admin/finops/pricesheet/{sheet.pk}/delete/", {"post": "yes"})
    assert PriceSheet.objects.filter(pk=sheet.pk).exists()
    other = make_sheet("elsewhere")
    admin_client.post(f"/admin/finops/pricesheet/{sheet.pk}/delete/", {"post": "yes"})
    assert list(PriceSheet.objects.all()) == [other]

"""The page of costs: what to do first, then figures in French that add up, for those who may look."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext, override

from finops.calendar import compute_day, compute_month, compute_second
from finops.models import Budget, ClosedMonth, PriceLine
from finops.months.reports import MonthReader, make_month_report
from finops.wording.formats import format_money
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded, write_use
from tests.people import count_queries, make_client, read_page

pytestmark = pytest.mark.django_db
PAGE = "/admin/finops/"


@pytest.fixture
def fleet(engine: FakeEngine) -> None:  # noqa: ARG001 - the instances' engine
    """Two parishes for forty days at sample prices, measured for a fortnight."""
    make_sheet(engine="")
    since = timezone.now() - timedelta(days=40)
    for slug in ("saint-paul", "sainte-marie"):
        make_recorded(slug, since=since)
    write_use(["saint-paul"], last=compute_day(compute_second(timezone.now())))


def test_an_installation_without_prices_says_what_to_do_first(admin_client: Client) -> None:
    page = read_page(admin_client, PAGE)
    assert "/admin/finops/pricesheet/add/" in page
    assert "<svg" not in page


def test_the_month_s_figures_are_those_of_the_report(admin_client: Client, fleet: None) -> None:  # noqa: ARG001
    now = timezone.now()
    page = read_page(admin_client, PAGE)
    report = make_month_report(compute_month(now), MonthReader(now=now))
    # Some seconds pass between the page and this line: a cent or two at most.
    near = {report.costs.bill - Decimal(cents) / 100 for cents in range(4)}
    assert any(format_money(amount).replace("\xa0", " ") in page for amount in near)
    for one in report.parishes:
        assert one.name in page
        assert f"/admin/finops/parish/{one.tenant}/" in page
    assert "cp-colour-0" in page and "Sainte-Marie" in page
    assert "/admin/finops/savings/saint-paul/" in page, "a saving was found"


def test_the_page_takes_as_many_queries_for_many_parishes(admin_client: Client, fleet: None) -> None:  # noqa: ARG001
    few = count_queries(admin_client, PAGE)
    for number in range(4):
        make_recorded(f"parish-{number}", since=timezone.now() - timedelta(days=3))
    assert count_queries(admin_client, PAGE) == few


def test_an_earlier_month_is_closed_or_not_and_no_month_is_in_the_future(admin_client: Client, fleet: None) -> None:  # noqa: ARG001
    present = compute_month(timezone.now())
    assert f"?month={present}" in read_page(admin_client, PAGE, month=str(present.add(-1)))
    # Before there was any parish.
    before = present.add(-3)
    for odd in (str(present.add(5)), "x"):
        assert f"?month={present.add(1)}" not in read_page(admin_client, PAGE, month=odd)
    ClosedMonth.objects.create(
        month=str(before), hours=1, currency="EUR", vat_included=False, bill=0, closed_at=timezone.now(), closed_by="x"
    )
    assert read_page(admin_client, PAGE, month=str(before)).count("cp-colour-0") == 0


def test_a_past_month_shows_nothing_of_the_present(admin_client: Client, fleet: None) -> None:  # noqa: ARG001
    Budget.objects.create(tenant="saint-paul", amount=Decimal("0.01"))
    now = timezone.now()
    write_use(["sainte-marie"], last=compute_day(compute_second(now)), days=1)
    present, past = (read_page(admin_client, PAGE, month=str(compute_month(now).add(back))) for back in (0, -1))
    with override("fr"):
        headings = [gettext(words) for words in ("Savings found", "Reserved, used, free", "As it is now")]
    for words in (*headings, "<h2>Budgets</h2>"):
        assert words in present and words not in past, words
    assert "sont du présent" in past and "sont du présent" not in present


def test_a_budget_that_is_reached_is_told(admin_client: Client, fleet: None) -> None:  # noqa: ARG001
    # So dear that it is reached in the first second of a month, too.
    PriceLine.objects.update(amount=Decimal(1000))
    Budget.objects.create(tenant="", amount=Decimal("0.01"))
    page = read_page(admin_client, PAGE)
    assert "cp-note cp-warning" in page and "cp-over" in page


def test_a_month_without_prices_shows_the_refusal_and_the_rest(admin_client: Client, engine: FakeEngine) -> None:
    make_sheet(engine="elsewhere")
    make_recorded(since=timezone.now() - timedelta(days=2))
    page = read_page(admin_client, PAGE)
    assert "cp-note cp-danger" in page
    assert "<svg" in page
    assert engine.name == "fake"


def test_a_parish_has_its_own_page_linked_from_its_other_pages(admin_client: Client, fleet: None) -> None:  # noqa: ARG001
    page = read_page(admin_client, "/admin/finops/parish/saint-paul/")
    assert "Saint-Paul" in page and "vCPU-h" in page and "Gio-h" in page
    assert "Sainte-Marie" not in page
    assert admin_client.get("/admin/finops/parish/nobody/").status_code == 404
    instance = Instance.objects.get(identifier="saint-paul")
    assert "/admin/finops/parish/saint-paul/" in read_page(
        admin_client, f"/admin/tenants/instance/{instance.pk}/change/"
    )


def test_a_month_can_be_taken_away_as_a_file(admin_client: Client, fleet: None) -> None:  # noqa: ARG001
    month = compute_month(timezone.now())
    for form, beginning in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("focus", b"AllocatedMethodDetails,")):
        answer = admin_client.get(f"/admin/finops/month/{month}/{form}/")
        assert answer.status_code == 200 and answer.content.startswith(beginning)
        assert f"civiparoisse-{month}." in answer.headers["Content-Disposition"]
    assert admin_client.get(f"/admin/finops/month/{month}/pdf/").status_code == 404
    assert admin_client.get("/admin/finops/month/2026-13/csv/").status_code == 302


@pytest.mark.parametrize(
    "path", ["", "savings/", "what-if/", "parish/saint-paul/", "savings/saint-paul/", "month/2026-01/csv/"]
)
def test_only_those_who_may_look_at_costs_do(path: str, fleet: None) -> None:  # noqa: ARG001
    assert make_client(name="marie").get(f"{PAGE}{path}").status_code == 403
    assert Client().get(f"{PAGE}{path}").status_code == 302
    allowed = make_client("finops.view_interval").get(f"{PAGE}{path}")
    assert allowed.status_code in (200, 302)

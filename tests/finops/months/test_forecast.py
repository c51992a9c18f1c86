"""The rest of a month as it is known: what is held stays held, schedules run as they did."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.states import InstanceState
from finops.calendar import Month, compute_day_start, compute_second
from finops.months.closing import close_month
from finops.months.costs import compute_month_costs
from finops.months.forecast import compute_forecast, list_planned_runs
from tests.finops.cases import hold, make_sheet
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
APRIL = Month(2026, 4)
# Ten whole days of thirty have passed.
NOW = datetime.fromtimestamp(APRIL.start, tz=UTC) + timedelta(days=10)
SECOND = compute_second(NOW)
DAY = 86_400


def test_what_is_held_goes_on_and_what_ended_does_not() -> None:
    make_sheet()
    hold("goes-on", cpu_millicores=1000)
    hold("ended", cpu_millicores=1000, end=SECOND)
    actual, forecast = compute_month_costs(APRIL, now=NOW), compute_forecast(APRIL, now=NOW)
    assert forecast.is_forecast and not actual.is_forecast
    cpu = Decimal("0.031611")
    assert forecast.parishes == {"goes-on": round(720 * cpu, 2), "ended": round(240 * cpu, 2)}
    # 7.58664 each: what still grows counts whole cents only.
    assert actual.parishes == {"ended": Decimal("7.58"), "goes-on": Decimal("7.58")}


def test_schedules_go_on_as_on_average_of_the_last_week() -> None:
    make_sheet()
    make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    make_instance_row("stopped", state=InstanceState.SUSPENDED)
    for tenant in ("saint-paul", "stopped"):
        for back in range(1, 5):
            start = SECOND - back * DAY
            hold(tenant, "run", "cron", cpu_millicores=350, start=start, end=start + DAY, held_seconds=1000, run="x")
    (use,) = list_planned_runs(SECOND, APRIL.end, now=SECOND)
    assert (use.tenant, use.seconds, use.source) == ("saint-paul", 20_000, "estimate")
    forecast = compute_forecast(APRIL, now=NOW)
    (line,) = forecast.select("saint-paul")
    assert line.quantity * 3600 * 1000 == pytest.approx(350 * 24_000)


def test_an_instance_whose_cron_nobody_has_seen_is_taken_for_typical() -> None:
    make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    (use,) = list_planned_runs(SECOND, SECOND + 6000, now=SECOND)
    assert (use.component, use.cpu_millicores, use.seconds) == ("cron", 350, 400)
    instance = make_instance_row("sainte-marie", state=InstanceState.ACTIVE)
    instance.cron_enabled = False
    instance.save()
    assert len(list_planned_runs(SECOND, SECOND + 6000, now=SECOND)) == 1


def test_a_month_that_is_over_costs_what_it_cost_and_one_to_come_is_foreseen() -> None:
    make_sheet()
    hold("saint-paul", cpu_millicores=1000)
    march, may = APRIL.add(-1), APRIL.next()
    assert compute_forecast(march, now=NOW) == compute_month_costs(march, now=NOW)
    assert compute_forecast(may, now=NOW).bill == round(744 * Decimal("0.031611"), 2)
    closed = close_month(march, by="anne", now=NOW)
    assert compute_forecast(march, now=NOW) == closed


def test_days_begin_in_paris() -> None:
    assert compute_day_start(APRIL.first_day) == APRIL.start

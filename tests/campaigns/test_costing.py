"""What a campaign changes of what is paid by the month: sizes, stopping and starting; nothing without prices."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from campaigns.costing import estimate_monthly_change
from campaigns.drafts import read_draft
from domain.states import InstanceState
from finops.calendar import PARIS
from tenants.models import Instance, PlanContainer
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded
from tests.rows import make_plan_row

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
BEGUN = datetime(2026, 10, 1, tzinfo=PARIS)
MILLICORE_MONTH = Decimal("0.031611") * 720 / 1000


def estimate(**values: Any) -> tuple[Decimal | None, str]:
    draft = read_draft({"name": "x", **values})
    return estimate_monthly_change(draft, Instance.objects.values_list("pk", flat=True), now=NOW)


def test_without_prices_or_sizes_nothing_is_told() -> None:
    make_recorded(since=BEGUN)
    assert estimate(kind="suspend") == (None, "")
    make_sheet()
    assert estimate(kind="backup") == (None, "")


def test_other_sizes_cost_the_difference_and_two_cost_it_twice() -> None:
    make_sheet()
    make_recorded(since=BEGUN)
    large = make_plan_row("large")
    PlanContainer.objects.filter(plan=large, container="db").update(
        cpu_request_millicores=1250, cpu_limit_millicores=1250
    )
    change, currency = estimate(kind="resize", parameters={"plan": "large"})
    assert (change, currency) == ((1000 * MILLICORE_MONTH).quantize(Decimal("0.01")), "EUR")
    make_recorded("sainte-marie", since=BEGUN)
    assert estimate(kind="resize", parameters={"plan": "large"})[0] == (2000 * MILLICORE_MONTH).quantize(
        Decimal("0.01")
    )


def test_what_stops_is_saved_and_what_starts_again_is_paid_again() -> None:
    make_sheet()
    make_recorded(since=BEGUN)
    saved, _currency = estimate(kind="suspend")
    assert saved is not None and saved < 0
    Instance.objects.update(state=InstanceState.SUSPENDED.value)
    assert estimate(kind="resume")[0] == -saved and estimate(kind="suspend")[0] == 0

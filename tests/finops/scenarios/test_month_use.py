"""Use of a month is that month's own, or not known."""

from datetime import timedelta

import pytest
from django.utils import timezone

from finops.calendar import compute_day, compute_month, compute_second
from finops.models import Interval
from finops.scenarios.month_use import compute_efficiencies
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded, write_use

pytestmark = pytest.mark.django_db


def test_a_past_month_has_its_own_use_and_one_without_a_measure_has_none() -> None:
    now = timezone.now()
    month = compute_month(now)
    make_sheet("")
    make_recorded(since=now - timedelta(days=120))
    write_use(["saint-paul"], last=month.first_day - timedelta(days=1), days=5, use={"db": (200, 380)})
    before = compute_efficiencies(month.add(-1), now=now)["saint-paul"].share
    assert before is not None and before > 0.7
    assert compute_efficiencies(month, now=now) == {}
    assert compute_efficiencies(month.add(-2), now=now) == {}
    write_use(["saint-paul"], last=compute_day(compute_second(now)), days=1, use={"db": (10, 20)})
    here = compute_efficiencies(month, now=now)["saint-paul"].share
    assert here is not None and here < 0.2
    assert compute_efficiencies(month.add(-1), now=now)["saint-paul"].share == before


def test_of_a_month_with_other_sizes_nobody_knows_what_was_used_of_them() -> None:
    now = timezone.now()
    month = compute_month(now).add(-1)
    make_sheet("")
    make_recorded(since=now - timedelta(days=120))
    write_use(["saint-paul"], last=month.next().first_day - timedelta(days=1), days=5)
    assert "saint-paul" in compute_efficiencies(month, now=now)
    Interval.objects.filter(component="db", resource="compute").update(cpu_millicores=9999)
    assert compute_efficiencies(month, now=now) == {}

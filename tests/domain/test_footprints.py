"""What an instance reserves: the chart's and the documentation's tables (docs/domain.md#sizes) as golden cases."""

import pytest

from domain.footprints import Footprint, make_chart_footprint
from domain.reservations import NOTHING, Reservation
from domain.specs import Plan
from tests.builders import make_plan, make_resources
from tests.situations import compute_situations, sum_containers

# As printed in the documentation's table; its own sum says 1800m, but 250 + 350 + 1100 is 1700.
PRINTED_MILLICORES = 1800


def make_documented_plan() -> Plan:
    """Return the sizes of UEPAL's documentation (docs/domain.md#sizes)."""
    plan = make_plan()
    larger = {"cron": (384, 250), "httpd": (1536, 1000), "db_init": (1024, 1000)}
    sizes = {name: make_resources(*amounts) for name, amounts in larger.items()}
    return make_plan(name="documented", containers={**plan.containers, **sizes})


@pytest.mark.parametrize(
    ("plan", "containers", "reserved", "at_rest"),
    [
        (make_plan(), "1864Mi 1700m", "2248Mi 2450m", "1892Mi 2100m"),
        (make_documented_plan(), "2504Mi 1700m", "3144Mi 2450m", "2660Mi 2100m"),
    ],
    ids=["chart", "documentation"],
)
def test_the_tables_of_the_chart_and_of_its_documentation(
    plan: Plan, containers: str, reserved: str, at_rest: str
) -> None:
    assert str(sum_containers(plan)) == containers
    situations = compute_situations(make_chart_footprint(plan))
    assert str(situations["cron"]) == reserved
    assert str(situations["rest"]) == at_rest
    assert situations["suspended"] == NOTHING


def test_the_documentation_s_printed_sum_is_an_error_of_addition() -> None:
    assert PRINTED_MILLICORES - sum_containers(make_documented_plan()).cpu_millicores == 100


def test_situations_combine_schedules_and_take_jobs_alone() -> None:
    one, two, three = Reservation(1, 10), Reservation(2, 20), Reservation(4, 40)
    footprint = Footprint(servers={"db": one}, schedules={"cron": two, "backup": three}, jobs={"init": three})
    assert compute_situations(footprint) == {
        "rest": one,
        "backup": Reservation(5, 50),
        "cron": Reservation(3, 30),
        "backup + cron": Reservation(7, 70),
        "init": three,
        "suspended": NOTHING,
    }
    assert footprint.pods == (one, two, three)
    assert footprint.find_run("init") == three
    assert footprint.find_run("cron") == two
    assert footprint.find_run("verify") == NOTHING

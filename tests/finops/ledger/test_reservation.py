"""An instance's footprint, computed once for all that are alike."""

import pytest

from domain.errors import CiviparoisseError
from finops.ledger.reservation import compute_footprint, get_footprint
from tenants.models import PlanContainer
from tests.builders import GIBIBYTE, make_plan, make_resources
from tests.rows import make_instance_row


def test_alike_plans_share_one_and_others_have_their_own() -> None:
    plan = make_plan()
    first = compute_footprint(plan)
    assert compute_footprint(make_plan(name="default")) is first
    larger = make_plan(containers={**plan.containers, "db": make_resources(1024, 500)})
    assert compute_footprint(larger).servers["db"].memory_bytes == GIBIBYTE
    assert first.servers["db"].cpu_millicores == 250


@pytest.mark.django_db
def test_an_instance_has_its_plan_s() -> None:
    instance = make_instance_row()
    assert str(get_footprint(instance).at_rest) == "1508Mi 1350m"
    PlanContainer.objects.filter(container="httpd").delete()
    with pytest.raises(CiviparoisseError) as caught:
        get_footprint(instance)
    assert caught.value.code == "template_invalid"

"""What the dry run shows, and what names it."""

import pytest
from django.utils import timezone

from campaigns.drafts import read_draft
from campaigns.planning import CampaignPlan, plan_campaign
from console.campaigns.plans import SHOWN_CELLS, describe_plan, digest_plan
from tests.console.campaigns.rows import make_fleet
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]


def plan(**values: object) -> CampaignPlan:
    return plan_campaign(read_draft({"name": "Noël", "kind": "backup", **values}), now=timezone.now())


def test_the_same_people_in_the_same_waves_have_the_same_name_and_others_another() -> None:
    make_fleet()
    first = digest_plan(plan())
    assert digest_plan(plan()) == first
    assert digest_plan(plan(waves=[{"size": 2}, {"size": None}])) != first
    make_instance_row("saint-luc")  # left out
    assert digest_plan(plan()) != first


def test_of_very_many_the_first_are_shown_and_the_rest_is_a_number() -> None:
    make_fleet(tuple(f"p-{number}" for number in range(SHOWN_CELLS + 4)))
    described = describe_plan(plan())
    assert sum(len(wave["cells"]) for wave in described["waves"]) == SHOWN_CELLS
    assert sum(wave["others"] for wave in described["waves"]) == 4
    assert not described["cannot_begin"]


def test_nobody_or_an_obstacle_is_no_beginning() -> None:
    assert describe_plan(plan())["cannot_begin"]
    make_instance_row("saint-luc")
    (left,) = describe_plan(plan())["left_out"]
    assert left["name"] == "saint-luc" and left["message"]

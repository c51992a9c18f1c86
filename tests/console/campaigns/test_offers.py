"""What the form of a new campaign offers to all instances alike."""

import pytest

from campaigns.drafts import list_campaign_kinds
from campaigns.models import ReleaseStanding
from console.campaigns.offers import (
    OFFERS,
    offer_clusters,
    offer_new_releases,
    offer_plans,
    offer_releases,
    offer_values,
)
from domain.campaigns import ReleaseState
from domain.states import InstanceState
from tests.rows import make_instance_row, make_plan_row, make_release_row

pytestmark = pytest.mark.django_db


def test_engines_with_an_instance_plans_and_releases_are_offered() -> None:
    make_instance_row("saint-paul", state=InstanceState.ACTIVE, engine="colmar")
    make_instance_row("saint-jean", state=InstanceState.DELETED, engine="gone")
    make_plan_row("large")
    assert offer_clusters() == [("colmar", "colmar")]
    assert ("large", "large") in offer_plans() and ("test", "test") in offer_releases()


def test_a_withdrawn_release_is_not_offered_and_one_in_test_says_so() -> None:
    for name, state in (("old", ReleaseState.WITHDRAWN), ("new", ReleaseState.TEST), ("calm", None)):
        row = make_release_row(name)
        if state:
            ReleaseStanding.objects.create(release=row, state=state.value)
    offered = dict(offer_new_releases())
    assert "old" not in offered and offered["calm"] == "calm" and "à l’essai" in offered["new"]


def test_every_parameter_that_offers_rows_offers_them_to_all() -> None:
    for kind in list_campaign_kinds():
        for parameter in kind.parameters:
            if parameter.name in (kind.campaign_parameters or ()) and parameter.offers is not None:
                assert parameter.name in OFFERS, (kind.code, parameter.name)
    assert offer_values("gibibytes") == ()

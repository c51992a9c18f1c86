"""A campaign as it is written down: defaults, and every slip refused by its field."""

from typing import Any

import pytest

from campaigns.drafts import list_campaign_kinds, read_draft, write_waves
from domain.campaigns import CampaignOrder
from domain.errors import CiviparoisseError, InvalidValue
from operations.registry import list_kinds
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_defaults_are_careful() -> None:
    draft = read_draft({"name": " November ", "kind": "backup"})
    assert (draft.name, draft.waves, draft.limit_per_cluster) == ("November", (1, 5, None), 2)
    assert (draft.stop_after_failures, draft.stop_share_percent) == (3, 20)
    assert draft.order is CampaignOrder.SAFEST_FIRST and draft.time_zone == "Europe/Paris" and not draft.notes_read


def test_a_stop_rule_may_be_given_up_and_the_rest_is_always_a_wave() -> None:
    draft = read_draft(
        {
            "name": "x",
            "kind": "suspend",
            "stop_after_failures": None,
            "stop_share_percent": None,
            "waves": [{"size": 2}],
        }
    )
    assert (draft.stop_after_failures, draft.stop_share_percent) == (None, None)
    assert write_waves(draft.waves) == [{"size": 2}, {"size": None}]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": 7}, "name"),
        ({"colour": "red"}, "colour"),
        ({"kind": "delete"}, "kind"),
        ({"kind": "restore"}, "kind"),
        ({"kind": None}, "kind"),
        ({"kind": ["backup"]}, "kind"),
        ({"kind": "upgrade"}, "release"),
        ({"kind": "upgrade", "parameters": {"release": "x", "safety_backup": False}}, "safety_backup"),
        ({"kind": "upgrade", "parameters": {"release": 7}}, "release"),
        ({"kind": "resize", "parameters": {"plan": "large", "over_capacity": True}}, "over_capacity"),
        ({"parameters": {"scope": "all"}}, "scope"),
        ({"parameters": ["scope"]}, "parameters"),
        ({"order": "random"}, "order"),
        ({"order": ["by_name"]}, "order"),
        ({"waves": []}, "waves"),
        ({"waves": [{"size": None}, {"size": 5}]}, "waves"),
        ({"waves": [{"size": 0}]}, "waves"),
        ({"waves": [{"size": True}]}, "waves"),
        ({"waves": [5]}, "waves"),
        ({"waves": [{"size": 1}] * 21}, "waves"),
        ({"limit_per_cluster": 0}, "limit_per_cluster"),
        ({"limit_per_cluster": 101}, "limit_per_cluster"),
        ({"limit_per_cluster": None}, "limit_per_cluster"),
        ({"limit_per_cluster": True}, "limit_per_cluster"),
        ({"stop_after_failures": 0}, "stop_after_failures"),
        ({"stop_share_percent": 101}, "stop_share_percent"),
        ({"windows": [{"from": "25:00", "to": "05:00"}]}, "windows"),
        ({"windows": 5}, "windows"),
        ({"blackout": {"weekdays": ["dim"]}}, "blackout"),
        ({"time_zone": "Paris"}, "time_zone"),
        ({"time_zone": 7}, "time_zone"),
        ({"selection": {"release": "x"}}, "selection"),
        ({"notes": "x" * 4001}, "notes"),
        ({"notes_read": "yes"}, "notes_read"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_draft({"name": "x", "kind": "backup", **values})
    assert refused.value.params["field"] == field


def test_a_release_that_there_is_not_is_refused_when_it_is_planned() -> None:
    from campaigns.planning import plan_campaign
    from tests.campaigns.cast import NOON

    make_instance_row()
    draft = read_draft({"name": "x", "kind": "upgrade", "parameters": {"release": "nowhere"}})
    with pytest.raises(CiviparoisseError) as refused:
        plan_campaign(draft, now=NOON)
    assert refused.value.code == "not_found"


def test_no_kind_that_destroys_or_is_asked_by_exact_names_is_a_campaign() -> None:
    codes = {kind.code for kind in list_campaign_kinds()}
    assert {"backup", "upgrade", "resize", "suspend", "resume", "verify", "prove"} <= codes
    for kind in list_kinds():
        if kind.campaign_parameters is None:
            continue
        assert not kind.is_destructive and not kind.of_objects, kind.code
        names = {parameter.name for parameter in kind.parameters}
        assert kind.campaign_parameters <= names and "confirm" not in kind.campaign_parameters, kind.code
        needed = {parameter.name for parameter in kind.parameters if parameter.is_required}
        assert needed <= kind.campaign_parameters, kind.code

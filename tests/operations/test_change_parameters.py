"""A change of the plan and an upgrade: what is refused before anything is written, and what is told."""

from typing import Any

import pytest
from django.utils import translation

from domain.errors import CiviparoisseError, InvalidValue, NotFound
from domain.states import InstanceState
from operations.change_parameters import describe_resize, describe_upgrade
from operations.registry import get_kind
from tenants.models import Instance, PlanContainer
from tests.builders import GIBIBYTE
from tests.rows import make_instance_row, make_plan_row, make_release_row

check_resize = get_kind("resize").check
check_upgrade = get_kind("upgrade").check
pytestmark = pytest.mark.django_db


@pytest.fixture
def instance() -> Instance:
    return make_instance_row(state=InstanceState.ACTIVE)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({}, InvalidValue),
        ({"plan": 7}, InvalidValue),
        ({"plan": "test"}, InvalidValue),
        ({"plan": "unknown"}, NotFound),
        ({"plan": "large", "release": "x"}, InvalidValue),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    instance: Instance, parameters: dict[str, Any], error: type[Exception]
) -> None:
    make_plan_row("large")
    with pytest.raises(error):
        check_resize(instance, parameters)


def test_an_incomplete_plan_is_refused(instance: Instance) -> None:
    plan = make_plan_row("half")
    PlanContainer.objects.filter(plan=plan, container="cron").delete()
    with pytest.raises(CiviparoisseError) as refused:
        check_resize(instance, {"plan": "half"})
    assert (refused.value.code, refused.value.params["containers"]) == ("plan_incomplete", "cron")


def test_a_smaller_volume_is_refused_with_both_sizes(instance: Instance) -> None:
    make_plan_row("small")
    instance.plan = make_plan_row("large", db_gibibytes=10)
    with pytest.raises(CiviparoisseError) as refused, translation.override("en"):
        check_resize(instance, {"plan": "small"})
    assert refused.value.code == "volumes_cannot_shrink"
    with translation.override("en"):
        assert refused.value.message.endswith("its database volume has 10 Gi and would get 1 Gi.")
        assert "ask for a plan with 10 Gi or more" in refused.value.hint


def test_a_volume_that_has_grown_counts_more_than_the_plan(instance: Instance) -> None:
    instance.grown_volumes = {"db_volume_bytes": 5 * GIBIBYTE}
    make_plan_row("middle", db_gibibytes=3)
    make_plan_row("large", db_gibibytes=5)
    with pytest.raises(CiviparoisseError) as refused:
        check_resize(instance, {"plan": "middle"})
    assert refused.value.params["present"] == "5 Gi"
    assert check_resize(instance, {"plan": "large"}) == {"plan": "large"}


def test_the_way_back_is_told_and_that_there_is_none_for_volumes(instance: Instance) -> None:
    make_plan_row("other")
    make_plan_row("large", db_gibibytes=3)
    with translation.override("en"):
        other = describe_resize(instance, {"plan": "other"})
        large = describe_resize(instance, {"plan": "large"})
    assert other[0] == "saint-paul goes from the plan test to the plan other."
    assert other[-1] == "It can be undone at any time: ask for the plan test again."
    assert "Its database volume grows from 1 Gi to 3 Gi." in large
    assert large[-1].endswith("there is no way back to the plan test: volumes cannot shrink.")


def test_a_suspended_instance_stays_so(instance: Instance) -> None:
    make_plan_row("other")
    make_release_row("next", civicrm="5.62")
    instance.state = InstanceState.SUSPENDED
    with translation.override("en"):
        resized = describe_resize(instance, {"plan": "other"})
        upgraded = describe_upgrade(instance, {"release": "next", "safety_backup": True})
    assert "It stays suspended; its new sizes hold once it is resumed." in resized
    assert "It is started for that, without its cron, and suspended again afterwards." in upgraded


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({}, InvalidValue),
        ({"release": "test"}, InvalidValue),
        ({"release": "unknown"}, NotFound),
        ({"release": "next", "safety_backup": "no"}, InvalidValue),
        ({"release": "next", "confirm": 1}, InvalidValue),
    ],
)
def test_a_release_that_makes_no_sense_is_refused(
    instance: Instance, parameters: dict[str, Any], error: type[Exception]
) -> None:
    make_release_row("next", civicrm="5.62.0")
    with pytest.raises(error):
        check_upgrade(instance, parameters)


def test_a_downgrade_is_refused_with_both_versions(instance: Instance) -> None:
    make_release_row("earlier", civicrm="5.60.3")
    with pytest.raises(CiviparoisseError) as refused:
        check_upgrade(instance, {"release": "earlier"})
    assert refused.value.code == "downgrade_refused"
    assert refused.value.params == {
        "instance": "saint-paul",
        "product": "civicrm",
        "present": "5.61.1",
        "asked": "5.60.3",
    }


def test_another_database_server_is_told_of(instance: Instance) -> None:
    release = make_release_row("next", civicrm="5.62.0")
    asked = {"release": "next", "safety_backup": True}
    with translation.override("en"):
        assert not any("database server" in sentence for sentence in describe_upgrade(instance, asked))
        release.images = {"db": "registry/mysql:9"}
        release.save()
        assert any("database server's image changes too" in told for told in describe_upgrade(instance, asked))


def test_an_upgrade_without_a_way_back_is_confirmed(instance: Instance) -> None:
    make_release_row("next", civicrm="5.62.0")
    asked = {"release": "next", "safety_backup": False}
    for typed in ({}, {"confirm": "saint-jean"}):
        with pytest.raises(CiviparoisseError) as refused:
            check_upgrade(instance, {**asked, **typed})
        assert refused.value.code == "upgrade_unconfirmed"
    checked = check_upgrade(instance, {**asked, "confirm": "saint-paul"})
    assert checked == {**asked, "confirm": "saint-paul"}
    assert check_upgrade(instance, {"release": "next"})["safety_backup"] is True
    with translation.override("en"):
        assert "there is no way back" in describe_upgrade(instance, checked)[2]

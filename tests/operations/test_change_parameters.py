"""A change of the plan and an upgrade: what is refused before anything is written, and what is told."""

from typing import Any

import pytest
from django.utils import translation

from domain.errors import CiviparoisseError, InvalidValue, NotFound
from domain.states import InstanceState, OperationKind
from operations.change_parameters import describe_resize, describe_upgrade, list_volume_changes, precheck_resize
from operations.models import Operation
from operations.registry import get_kind
from operations.requests import request_operation
from tenants.models import Instance, PlanContainer
from tests.builders import GIBIBYTE
from tests.engines import FakeEngine
from tests.operations.steps.test_volumes import make_size
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


def test_a_larger_volume_bars_no_way_to_another_plan_and_stays(instance: Instance) -> None:
    make_plan_row("small")
    instance.plan = make_plan_row("large", db_gibibytes=10)
    assert check_resize(instance, {"plan": "small"}) == {"plan": "small"}
    with translation.override("en"):
        sentences = describe_resize(instance, {"plan": "small"})
    assert "Its database volume stays at 10 Gi: volumes cannot shrink." in sentences
    assert sentences[-1] == "It can be undone at any time: ask for the plan large again."


def test_a_volume_that_has_grown_counts_more_than_the_plan(instance: Instance) -> None:
    instance.grown_volumes = {"db_volume_bytes": 5 * GIBIBYTE}
    middle, large = make_plan_row("middle", db_gibibytes=3), make_plan_row("large", db_gibibytes=5)
    assert list_volume_changes(instance, middle) == {"db_volume_bytes": (5 * GIBIBYTE, 3 * GIBIBYTE)}
    assert list_volume_changes(instance, large) == {}


def test_a_class_that_forbids_growth_refuses_before_anything_is_written(engine: FakeEngine, instance: Instance) -> None:
    make_plan_row("other")
    make_plan_row("large", db_gibibytes=3)
    engine.sizes["saint-paul"] = {"db_volume_bytes": make_size(can_grow=False)}
    precheck_resize(instance, {"plan": "other", "over_capacity": True})
    with pytest.raises(CiviparoisseError) as refused:
        request_operation(
            kind=OperationKind.RESIZE,
            instance=instance,
            requested_by="test",
            parameters={"plan": "large", "over_capacity": True},
        )
    assert refused.value.code == "volume_cannot_grow" and not Operation.objects.exists()
    assert (refused.value.params["claim"], refused.value.params["found"], refused.value.params["wanted"]) == (
        "dbvolclaim", "1Gi", "3Gi",
    )  # fmt: skip
    engine.sizes["saint-paul"] = {"db_volume_bytes": make_size()}
    precheck_resize(instance, {"plan": "large", "over_capacity": True})


def test_what_grows_is_told_and_what_can_be_undone(instance: Instance) -> None:
    make_plan_row("other")
    make_plan_row("large", db_gibibytes=3)
    with translation.override("en"):
        other = describe_resize(instance, {"plan": "other"})
        large = describe_resize(instance, {"plan": "large"})
    assert other[0] == "saint-paul goes from the plan test to the plan other."
    assert other[-1] == "It can be undone at any time: ask for the plan test again."
    assert "Its database volume grows from 1 Gi to 3 Gi." in large
    assert large[-1].startswith("It can be undone at any time, but for the volumes")


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

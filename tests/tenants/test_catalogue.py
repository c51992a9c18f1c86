"""Plans and releases are recorded and changed whole or not at all, whatever the door."""

import logging
from typing import Any

import pytest

from domain.errors import CiviparoisseError
from domain.specs import CONTAINERS
from domain.states import InstanceState
from tenants.catalogue import (
    create_plan,
    create_release,
    plan_as_dict,
    release_as_dict,
    update_plan,
    update_release,
)
from tenants.models import Plan, Release
from tenants.registry import get_default_plan, get_default_release, get_plan
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def refuse(code: str, call: Any, *given: Any, **named: Any) -> CiviparoisseError:
    with pytest.raises(CiviparoisseError) as caught:
        call(*given, **named, requested_by="test")
    assert caught.value.code == code and str(caught.value)
    return caught.value


def test_a_plan_like_another_has_its_sizes_but_those_given() -> None:
    like = get_default_plan()
    given = {"name": "small", "db_volume_bytes": 7, "containers": {"httpd": {"cpu_request_millicores": 9}}}
    made, kept = plan_as_dict(create_plan(given, like=like, requested_by="test")), plan_as_dict(like)
    assert (made["name"], made["db_volume_bytes"], made["is_default"]) == ("small", 7, False)
    assert {row["container"] for row in made["containers"]} == set(CONTAINERS)
    for before, after in zip(kept["containers"], made["containers"], strict=True):
        changed = {"cpu_request_millicores": 9} if before["container"] == "httpd" else {}
        assert after == {**before, **changed}
    assert kept == plan_as_dict(get_default_plan())


def test_a_plan_without_every_container_is_not_recorded() -> None:
    sizes = {name: 1 for name in plan_as_dict(get_default_plan()) if name.endswith("_bytes")}
    error = refuse("plan_incomplete", create_plan, {"name": "bare", **sizes})
    assert "cron_init" in error.params["containers"] and not Plan.objects.filter(name="bare").exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"db_volume_bytes": 0}, "plan"),
        ({"db_volume_bytes": "much"}, "db_volume_bytes"),
        ({"start_servers": 99}, "plan"),
        ({"colour": "red"}, "colour"),
        ({"containers": {"tools": {}}}, "containers.tools"),
        ({"containers": {"db": {"cpu": 1}}}, "containers.db.cpu"),
        ({"containers": {"db": {"cpu_limit_millicores": 1}}}, "containers.db"),
        ({"containers": {"db": {"memory_request_bytes": 0}}}, "containers.db"),
    ],
    ids=str,
)
def test_what_no_instance_could_have_is_refused_by_its_name(given: dict[str, Any], field: str) -> None:
    error = refuse("invalid_value", create_plan, {"name": "small", **given}, like=get_default_plan())
    assert error.params["field"] == field
    assert Plan.objects.count() == 1


def test_names_are_taken_once_and_stay() -> None:
    refuse("plan_exists", create_plan, {"name": "default"}, like=get_default_plan())
    refuse("release_exists", create_release, {"name": get_default_release().name})
    for update, row in ((update_plan, get_default_plan()), (update_release, get_default_release())):
        assert refuse("invalid_value", update, row, {"name": "other"}).params["field"] == "name"


def test_there_is_always_one_default() -> None:
    small = create_plan({"name": "small"}, like=get_default_plan(), requested_by="test")
    refuse("default_needed", update_plan, get_default_plan(), {"is_default": False})
    update_plan(small, {"is_default": True}, requested_by="test")
    assert [plan.name for plan in Plan.objects.filter(is_default=True)] == ["small"]


@pytest.mark.parametrize("state", InstanceState)
def test_a_volume_that_an_instance_has_does_not_shrink(state: InstanceState) -> None:
    plan = get_default_plan()
    instance = make_instance_row(state=state)
    instance.plan = plan
    instance.save()
    smaller = {"files_volume_bytes": plan.files_volume_bytes - 1}
    if state in (InstanceState.NEW, InstanceState.DELETED):
        assert update_plan(plan, smaller, requested_by="test").files_volume_bytes == plan.files_volume_bytes - 1
    else:
        error = refuse("plan_volume_shrinks", update_plan, plan, smaller)
        assert error.params["instance"] == "saint-paul"
    larger = {"files_volume_bytes": plan.files_volume_bytes + 1}
    assert update_plan(plan, larger, requested_by="test").files_volume_bytes == plan.files_volume_bytes + 1


def test_a_release_names_images_and_versions_and_lets_go_of_them() -> None:
    first = create_release(
        {"name": "one", "images": {"httpd": "a:1"}, "versions": {"civicrm": "6.1"}}, requested_by="test"
    )
    second = create_release({"name": "two", "images": {"db": "b:1"}}, like=first, requested_by="test")
    assert second.images == {"httpd": "a:1", "db": "b:1"} and first.images == {"httpd": "a:1"}
    changed = update_release(second, {"images": {"httpd": ""}, "versions": {"civicrm": "6.2"}}, requested_by="test")
    assert release_as_dict(changed) == {
        "name": "two",
        "is_default": False,
        "images": {"db": "b:1"},
        "versions": {"civicrm": "6.2"},
        "instances": 0,
    }


@pytest.mark.parametrize("given", [{"images": {"apache": "x"}}, {"images": "x"}, {"versions": {"civicrm": 6}}], ids=str)
def test_what_is_no_image_or_version_is_refused(given: dict[str, Any]) -> None:
    refuse("invalid_value", create_release, {"name": "one", **given})
    assert Release.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_changed_what_is_in_the_log_once_it_is_true(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        create_plan({"name": "small"}, like=get_default_plan(), requested_by="cli:marie")
        update_plan(get_plan("small"), {"db_volume_bytes": 2**30}, requested_by="cli:marie")
    text = caplog.text
    assert "plan small recorded by cli:marie" in text and "plan small changed by cli:marie: db_volume_bytes" in text

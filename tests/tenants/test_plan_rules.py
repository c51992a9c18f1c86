"""What a plan and a release may say: told in forms, held by the database."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from domain.specs import CONTAINERS, IMAGE_ROLES
from manifests.blueprints import load_blueprint
from tenants import specs
from tenants.models import Plan, PlanContainer
from tenants.plan_rules import validate_images, validate_texts
from tenants.registry import get_default_plan, get_default_release
from tests.builders import make_plan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_the_default_plan_has_the_charts_figures() -> None:
    plan = specs.make_plan(get_default_plan())
    chart = make_plan()
    assert set(plan.containers) == set(CONTAINERS)
    assert {name: plan.containers[name] for name in CONTAINERS if name != "backup"} == {
        name: chart.containers[name] for name in CONTAINERS if name != "backup"
    }
    assert plan.prefork == chart.prefork
    assert plan.db_volume_bytes == plan.files_volume_bytes == plan.private_volume_bytes == 1024**3


def test_the_running_containers_add_up_as_the_chart_does() -> None:
    rows = specs.make_plan(get_default_plan()).containers
    running = ["db", "cron", "db_router", "httpd", "db_router"]
    assert sum(rows[name].memory_request_bytes for name in running) == 1864 * 1024**2
    assert sum(rows[name].cpu_request_millicores for name in running) == 1700


def refuse_row(row: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    assert all("Constraint" not in text for text in caught.value.messages)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    "changes",
    [
        {"cpu_request_millicores": 0},
        {"memory_request_bytes": 0},
        {"cpu_request_millicores": 251},
        {"memory_limit_bytes": 1},
        {"container": "genca"},
    ],
)
def test_a_container_is_known_and_its_limits_hold_its_requests(changes: dict[str, Any]) -> None:
    row = PlanContainer.objects.get(plan=get_default_plan(), container="cron")
    for name, value in changes.items():
        setattr(row, name, value)
    refuse_row(row)


def test_requests_below_limits_are_possible() -> None:
    row = PlanContainer.objects.get(plan=get_default_plan(), container="cron")
    row.cpu_request_millicores = 1
    row.full_clean()
    row.save()


@pytest.mark.parametrize(
    "changes",
    [
        {"db_volume_bytes": 0},
        {"backups_volume_bytes": 0},
        {"max_request_workers": 5},
        {"start_servers": 5},
        {"min_spare_servers": 5},
        {"server_limit": 0, "max_request_workers": 0, "start_servers": 0},
        {"listen_backlog": 0},
    ],
)
def test_a_plan_is_possible_for_apache_and_has_volumes(changes: dict[str, Any]) -> None:
    plan = get_default_plan()
    for name, value in changes.items():
        setattr(plan, name, value)
    refuse_row(plan)


def test_the_same_container_is_sized_once() -> None:
    plan = get_default_plan()
    row = PlanContainer.objects.get(plan=plan, container="db")
    row.pk = None
    refuse_row(row)
    assert Plan.objects.get(pk=plan.pk).containers.count() == len(CONTAINERS)


@pytest.mark.parametrize("value", [[], "x", {"a": 1}, {"a": ""}, {"": "a"}, {"a": None}, {"a": "b\n"}, {"a": {}}])
def test_images_are_names_and_texts(value: object) -> None:
    with pytest.raises(ValidationError):
        validate_texts(value)


def test_no_image_at_all_is_fine() -> None:
    validate_texts({})


def test_an_image_that_has_no_role_is_refused_with_the_roles() -> None:
    validate_images({"db": "registry/mysql:9", "wait": "registry/busybox:1"})
    with pytest.raises(ValidationError) as refused:
        validate_images({"db": "registry/mysql:9", "db_init": "registry/init:1"})
    assert "db_init" in str(refused.value) and "router" in str(refused.value)


def test_the_default_release_names_every_image_by_its_role() -> None:
    """Those of a blueprint, so that each of them can be pointed at a registry of one's own."""
    images = get_default_release().images
    validate_images(images)
    assert set(IMAGE_ROLES) == set(load_blueprint("civiparoisse-1").images)
    assert set(images) == set(IMAGE_ROLES) - {"backup"}

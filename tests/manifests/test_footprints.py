"""What the rendered objects take: the table of docs/kubernetes.md."""

from pathlib import Path

import pytest

from domain.errors import NotFound
from domain.reservations import NOTHING, add_reservations
from manifests.blueprints import list_blueprints
from manifests.footprints import compute_pods_request, make_footprint
from tests.builders import GIBIBYTE, make_plan
from tests.manifests.cases import make_case_objects, make_job_objects, select_object
from tests.situations import compute_situations

BLUEPRINT = "civiparoisse-1"
ROOT = Path(__file__).resolve().parents[2]


def test_the_documented_table_is_what_is_rendered() -> None:
    found = {
        name: str(held) for name, held in compute_situations(make_footprint(make_plan(), blueprint=BLUEPRINT)).items()
    }
    assert found == {
        "rest": "1508Mi 1350m",
        "cron": "1864Mi 1700m",
        "backup": "1864Mi 2450m",
        "backup + cron": "2220Mi 2800m",
        "init": "768Mi 1000m",
        "update": "768Mi 1000m",
        "restore": "356Mi 1100m",
        "suspended": "0Mi 0m",
    }
    document = (ROOT / "docs" / "kubernetes.md").read_text()
    for name in ("rest", "cron", "backup", "backup + cron", "init"):
        assert f"| {found[name]} |" in document


def test_it_is_what_a_parish_s_own_objects_take() -> None:
    footprint = make_footprint(make_plan(), blueprint=BLUEPRINT)
    objects = make_case_objects("default")
    servers = [one for one in objects if one["kind"] == "StatefulSet"]
    assert compute_pods_request(servers) == footprint.at_rest
    assert compute_pods_request([select_object(objects, "CronJob", "civicron")]) == footprint.schedules["cron"]
    assert compute_pods_request(make_job_objects()) == add_reservations(
        [*footprint.jobs.values(), *footprint.schedules.values()]
    )
    assert compute_pods_request(one for one in objects if one["kind"] == "Secret") == NOTHING


def test_volumes_are_the_plan_s() -> None:
    volumes = make_footprint(make_plan(), blueprint=BLUEPRINT).volumes
    assert volumes == {"db": GIBIBYTE, "files": GIBIBYTE, "private": GIBIBYTE, "backups": 2 * GIBIBYTE}


def test_every_blueprint_has_a_footprint_and_another_name_none() -> None:
    assert all(make_footprint(make_plan(), blueprint=name).servers for name in list_blueprints())
    with pytest.raises(NotFound):
        make_footprint(make_plan(), blueprint="nothing")

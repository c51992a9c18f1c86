"""Plans and releases in the administration."""

from typing import Any

import pytest
from django.test import Client

from domain.specs import CONTAINERS
from tenants.models import Plan, Release
from tests.people import count_queries, make_client, read_page
from tests.rows import make_instance_row, make_plan_row

pytestmark = pytest.mark.django_db
PLANS, RELEASES = "/admin/tenants/plan/", "/admin/tenants/release/"
APACHE = {"max_request_workers": 4, "server_limit": 4, "start_servers": 4, "min_spare_servers": 1}
APACHE |= {"max_spare_servers": 4, "max_connections_per_child": 1, "listen_backlog": 1}


def _fill(plan: Plan | None = None, **changes: Any) -> dict[str, Any]:
    rows = {row.container: row.pk for row in plan.containers.all()} if plan else {}
    names = [*rows, *(name for name in CONTAINERS if name not in rows)]
    values: dict[str, Any] = {"name": plan.name if plan else "large", "is_default": "on", **APACHE}
    values |= {"db_volume_bytes": "2 Gi", "files_volume_bytes": "1,5 Gio", "private_volume_bytes": "512Mi"}
    values |= {"backups_volume_bytes": "4 Gi", "containers-TOTAL_FORMS": 8, "containers-INITIAL_FORMS": len(rows)}
    for number, name in enumerate(names):
        row = {"id": rows.get(name, ""), "plan": plan.pk if plan else "", "container": name}
        row |= {"cpu_request_millicores": 100, "cpu_limit_millicores": 200}
        row |= {"memory_request_bytes": "64 Mi", "memory_limit_bytes": "128 Mi"}
        values |= {f"containers-{number}-{field}": value for field, value in row.items()}
    return {**values, **changes}


def test_a_plan_is_made_with_all_its_containers(admin_client: Client) -> None:
    page = read_page(admin_client, f"{PLANS}add/")
    assert "Donnez les tailles avec leur unité" in page and "Conteneurs" in page
    answer = admin_client.post(f"{PLANS}add/", _fill())
    assert answer.status_code == 302, answer.context["errors"]
    plan = Plan.objects.get(name="large")
    assert (plan.db_volume_bytes, plan.files_volume_bytes) == (2 * 1024**3, 3 * 1024**3 // 2)
    assert {row.container for row in plan.containers.all()} == set(CONTAINERS)
    assert plan.containers.get(container="db").memory_limit_bytes == 128 * 1024**2


def test_a_plan_is_shown_in_units_and_changed(admin_client: Client) -> None:
    plan = make_plan_row()
    page = read_page(admin_client, f"{PLANS}{plan.pk}/change/")
    assert 'value="384 Mi"' in page and 'value="1 Gi"' in page
    answer = admin_client.post(f"{PLANS}{plan.pk}/change/", _fill(plan))
    assert answer.status_code == 302, answer.context["errors"]
    plan.refresh_from_db()
    assert plan.backups_volume_bytes == 4 * 1024**3
    assert plan.containers.get(container="httpd").memory_request_bytes == 64 * 1024**2


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"db_volume_bytes": "2 GB"}, "Donnez une taille comme 512 Mi ou 1 Gi."),
        ({"db_volume_bytes": "0"}, "Chaque volume doit avoir une taille."),
        ({"db_volume_bytes": "9000000 Ti"}, "Cette taille est trop grande."),
        ({"max_request_workers": 9}, "MaxRequestWorkers et StartServers ne doivent pas dépasser ServerLimit."),
        ({"containers-0-memory_limit_bytes": "1 Mi"}, "Un plafond ne doit pas être inférieur à sa demande."),
        ({"containers-1-memory_limit_bytes": ""}, "Ce champ est obligatoire."),
    ],
)
def test_a_wrong_plan_is_refused_with_its_reason(admin_client: Client, changes: dict[str, Any], text: str) -> None:
    answer = admin_client.post(f"{PLANS}add/", _fill(**changes))
    assert answer.status_code == 200 and text in answer.content.decode()
    assert not Plan.objects.filter(name="large").exists()


def test_there_is_always_a_default(admin_client: Client, defaults: None) -> None:  # noqa: ARG001
    plan = Plan.objects.get(is_default=True)
    answer = admin_client.post(f"{PLANS}{plan.pk}/change/", {**_fill(plan), "is_default": ""})
    assert answer.status_code == 200 and "il en faut toujours une" in answer.content.decode()
    for ask in (admin_client.get, admin_client.post):
        refused = ask(f"{PLANS}{plan.pk}/delete/", {"post": "yes"}, follow=True)
        assert "il en faut toujours une" in refused.content.decode()
    assert Plan.objects.filter(pk=plan.pk, is_default=True).exists()


def test_what_instances_use_stays(admin_client: Client, defaults: None) -> None:  # noqa: ARG001
    plan = make_instance_row().plan
    admin_client.post(f"{PLANS}{plan.pk}/delete/", {"post": "yes"})
    assert Plan.objects.filter(pk=plan.pk).exists()
    assert "1" in read_page(admin_client, PLANS)


def test_a_release_is_typed_line_by_line(admin_client: Client) -> None:
    values = {"name": "1.0", "versions": "civicrm: 5.61.1\ndrupal: 9.5.9\n", "images": "db: registry:5000/db:1"}
    assert admin_client.post(f"{RELEASES}add/", values).status_code == 302
    release = Release.objects.get(name="1.0")
    assert release.versions == {"civicrm": "5.61.1", "drupal": "9.5.9"}
    assert release.images == {"db": "registry:5000/db:1"}
    assert "civicrm: 5.61.1" in read_page(admin_client, f"{RELEASES}{release.pk}/change/")
    assert "civicrm 5.61.1, drupal 9.5.9" in read_page(admin_client, RELEASES)


def test_permissions_are_asked() -> None:
    client = make_client()
    assert [client.get(page).status_code for page in (PLANS, RELEASES, f"{PLANS}add/")] == [403, 403, 403]


def test_the_number_of_queries_does_not_grow(admin_client: Client) -> None:
    def add(first: int, last: int) -> None:
        for number in range(first, last):
            Release.objects.create(name=f"release-{number}", versions={"civicrm": str(number)})

    add(0, 3)
    few = count_queries(admin_client, RELEASES)
    add(3, 30)
    assert count_queries(admin_client, RELEASES) == few

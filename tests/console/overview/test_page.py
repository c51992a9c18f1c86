"""The first page."""

import pytest
from django.test import Client
from django.utils import timezone

from domain.states import InstanceState, OperationKind
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.people import count_queries, make_client, read_page
from tests.rows import make_instance_row, make_tenant_row

pytestmark = pytest.mark.django_db


def _end(instance: Instance, state: str) -> Operation:
    return Operation.objects.create(
        kind="backup",
        instance=instance,
        subject=instance.identifier,
        requested_by="jeanne",
        state=state,
        ended_at=timezone.now(),
        error_code="job_lost" if state == "failed" else "",
        error_params={"program": "backup", "instance": instance.identifier} if state == "failed" else {},
    )


def test_an_empty_installation_says_where_to_begin(admin_client: Client) -> None:
    page = read_page(admin_client, "/admin/")
    for text in (
        "Rien : tout ce que ce gestionnaire surveille",
        "Aucune opération n’est en cours",
        "Aucune paroisse",
        "Ajouter une paroisse",
    ):
        assert text in page, text


def test_a_failed_instance_says_what_to_do(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.FAILED)
    Instance.objects.filter(pk=instance.pk).update(
        error_code="job_lost", error_params={"program": "init", "instance": "saint-paul"}
    )
    page = read_page(admin_client, "/admin/")
    assert "programme d’initialisation a été tué sur saint-paul" in page and "peut être redemandée." in page
    assert "1 instance a échoué" in page and "?trouble=failed" in page


def test_only_the_last_operation_counts(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    _end(instance, "failed")
    assert "Sauvegarde en échec. Le programme" in read_page(admin_client, "/admin/")
    _end(instance, "succeeded")
    assert "en échec" not in read_page(admin_client, "/admin/")


def test_what_runs_is_shown_with_its_progress(admin_client: Client) -> None:
    operation = request_operation(kind=OperationKind.PROVISION, instance=make_instance_row(), requested_by="jeanne")
    Operation.objects.filter(pk=operation.pk).update(progress=64)
    for address in ("/admin/", "/admin/overview/"):
        page = read_page(admin_client, address)
        assert "64 %" in page and "Installation" in page


def test_the_oldest_backups_are_told(admin_client: Client) -> None:
    make_backup_row(make_instance_row(state=InstanceState.ACTIVE), hours_ago=5.1)
    page = read_page(admin_client, "/admin/")
    assert "il y a 5 heures" in page and make_tenant_row().name in page


def test_people_see_what_they_may_look_at() -> None:
    make_instance_row(state=InstanceState.FAILED)
    stranger = make_client(name="stranger")
    page = read_page(stranger, "/admin/")
    assert "saint-paul" not in page and "Votre compte ne permet de voir" in page
    assert "saint-paul" not in read_page(stranger, "/admin/overview/")
    assert "saint-paul" in read_page(make_client("tenants.view_instance"), "/admin/")
    assert Client().get("/admin/overview/").status_code == 302


def _add(first: int, last: int) -> None:
    """Add parishes: of ten, one each is failed, never backed up, late, with remarks, or between two states."""
    for number in range(first, last):
        states = {0: InstanceState.FAILED, 4: InstanceState.RESTORING}
        instance = make_instance_row(f"parish-{number}", state=states.get(number % 10, InstanceState.ACTIVE))
        if number % 10 != 1:
            make_backup_row(instance, hours_ago=90 if number % 10 == 2 else 2, warnings=["a"] * (number % 10 == 3))
        if number % 10 in {5, 6}:
            _end(instance, "failed")
        if number % 10 == 7:
            request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="jeanne")


def test_neither_queries_nor_size_grow_with_the_parishes(admin_client: Client) -> None:
    _add(0, 10)
    few = count_queries(admin_client, "/admin/"), len(admin_client.get("/admin/").content)
    _add(10, 300)
    many = count_queries(admin_client, "/admin/"), len(admin_client.get("/admin/").content)
    assert many[0] <= few[0] + 2  # names of what failed, counts of what is not shown
    assert many[1] < few[1] + 8000
    page = read_page(admin_client, "/admin/")
    for text in ("30 instances ont échoué", "30 paroisses n’ont jamais été sauvegardées", "et 25 autres"):
        assert text in page, text


def test_three_parishes_that_are_well_need_no_attention(admin_client: Client) -> None:
    for slug in ("saint-paul", "saint-jean", "sainte-marie"):
        make_backup_row(make_instance_row(slug, state=InstanceState.ACTIVE), hours_ago=3)
    assert "Rien : tout ce que ce gestionnaire surveille" in read_page(admin_client, "/admin/")

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
        "Rien : aucune instance",
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
    assert "Voir ce qu’il est possible de faire" in page


def test_only_the_last_operation_counts(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    _end(instance, "failed")
    assert "la dernière opération a échoué (sauvegarde)" in read_page(admin_client, "/admin/")
    _end(instance, "succeeded")
    assert "la dernière opération a échoué" not in read_page(admin_client, "/admin/")


def test_what_runs_is_shown_with_its_progress(admin_client: Client) -> None:
    operation = request_operation(kind=OperationKind.PROVISION, instance=make_instance_row(), requested_by="jeanne")
    Operation.objects.filter(pk=operation.pk).update(progress=64)
    for address in ("/admin/", "/admin/overview/"):
        page = read_page(admin_client, address)
        assert "64 %" in page and "Installation" in page


def test_ages_of_backups_are_told_parish_by_parish(admin_client: Client) -> None:
    make_backup_row(make_instance_row(state=InstanceState.ACTIVE), hours_ago=5.1)
    make_instance_row("saint-jean", state=InstanceState.ACTIVE)
    page = read_page(admin_client, "/admin/")
    assert "il y a 5 heures" in page and "jamais sauvegardée" in page
    assert make_tenant_row("saint-jean").name in page


def test_people_see_what_they_may_look_at() -> None:
    make_instance_row(state=InstanceState.FAILED)
    stranger = make_client(name="stranger")
    page = read_page(stranger, "/admin/")
    assert "saint-paul" not in page and "Votre compte ne permet de voir" in page
    assert "saint-paul" not in read_page(stranger, "/admin/overview/")
    assert "saint-paul" in read_page(make_client("tenants.view_instance"), "/admin/")
    assert Client().get("/admin/overview/").status_code == 302


def test_the_number_of_queries_does_not_grow(admin_client: Client) -> None:
    def add(first: int, last: int) -> None:
        for number in range(first, last):
            instance = make_instance_row(f"parish-{number}", state=InstanceState.ACTIVE)
            make_backup_row(instance)
            _end(instance, "failed")

    add(0, 3)
    few = count_queries(admin_client, "/admin/")
    add(3, 30)
    assert count_queries(admin_client, "/admin/") == few

"""The page before an operation, and the button that begins it."""

import pytest
from django.test import Client

from backups.models import BackupState
from console.instances.requests import OFFERED_BACKUPS, list_restorable
from domain.specs import InstanceKind
from domain.states import InstanceState, OperationKind
from operations.models import Operation
from operations.registry import get_kind
from operations.requests import request_operation
from tenants.models import Instance
from tenants.registry import create_instance
from tests.backups.rows import make_backup_row
from tests.people import make_client, read_page
from tests.rows import make_instance_row, make_plan_row, make_release_row

pytestmark = pytest.mark.django_db
KEY = {"idempotency_key": "made-with-the-page"}


def _address(instance: Instance, kind: str) -> str:
    return f"/admin/tenants/instance/{instance.pk}/ask/{kind}/"


def _make(kind: str) -> Instance:
    """Return an instance in a state that allows `kind`."""
    states = {OperationKind.PROVISION: InstanceState.NEW, OperationKind.RESUME: InstanceState.SUSPENDED}
    return make_instance_row(state=states.get(kind, InstanceState.ACTIVE))


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (OperationKind.PROVISION, "saint-paul est créée avec le plan test et la version test."),
        (OperationKind.SUSPEND, "saint-paul est arrêtée ; ses données et ses sauvegardes sont conservées."),
        (OperationKind.RESUME, "saint-paul est redémarrée avec ses données."),
        (OperationKind.BACKUP, "saint-paul est sauvegardée (complète, gzip)."),
        (OperationKind.DELETE, "Une sauvegarde finale est prise d’abord."),
    ],
)
def test_the_page_says_what_will_happen_and_changes_nothing(admin_client: Client, kind: str, sentence: str) -> None:
    instance = _make(kind)
    page = read_page(admin_client, _address(instance, kind))
    assert sentence in page and f"{get_kind(kind).button_label} saint-paul : ce qui va se passer" in page
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("kind", "typed", "parameters"),
    [
        (OperationKind.PROVISION, {}, {}),
        (OperationKind.SUSPEND, {}, {}),
        (OperationKind.RESUME, {}, {}),
        (OperationKind.BACKUP, {"scope": "files", "mode": "cold"}, {"scope": "files", "mode": "cold"}),
        (OperationKind.DELETE, {"confirm": "saint-paul"}, {"final_backup": False, "purge_backups": False}),
        (OperationKind.DELETE, {"confirm": "saint-paul", "final_backup": "on"}, {"final_backup": True}),
    ],
)
def test_the_button_begins_it_and_leads_to_it(
    admin_client: Client, kind: str, typed: dict[str, str], parameters: dict[str, object]
) -> None:
    answer = admin_client.post(_address(_make(kind), kind), {**KEY, **typed})
    operation = Operation.objects.get()
    assert answer.headers["Location"] == f"/admin/operations/operation/{operation.pk}/change/"
    assert (operation.kind, operation.requested_by) == (kind, "admin")
    assert {name: operation.parameters[name] for name in parameters} == parameters


def test_a_second_click_begins_nothing_twice(admin_client: Client) -> None:
    address = _address(_make(OperationKind.SUSPEND), OperationKind.SUSPEND)
    answers = [admin_client.post(address, KEY) for _ in range(2)]
    assert Operation.objects.count() == 1
    assert answers[0].headers["Location"] == answers[1].headers["Location"]


def test_each_page_has_a_key_of_its_own(admin_client: Client) -> None:
    address = _address(_make(OperationKind.SUSPEND), OperationKind.SUSPEND)
    forms = [admin_client.get(address).context["form"] for _ in range(2)]
    assert forms[0].initial["idempotency_key"] != forms[1].initial["idempotency_key"]


def test_the_forgery_token_is_asked() -> None:
    client = make_client(superuser=True)
    client.handler.enforce_csrf_checks = True
    assert client.post(_address(_make(OperationKind.SUSPEND), OperationKind.SUSPEND), KEY).status_code == 403
    assert not Operation.objects.exists()


def test_what_the_state_forbids_is_refused_with_its_reason(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.NEW)
    address = _address(instance, OperationKind.SUSPEND)
    assert "data-refused" in read_page(admin_client, address)
    answer = admin_client.post(address, KEY)
    assert answer.status_code == 200 and "saint-paul est dans l’état" in answer.content.decode()
    assert not Operation.objects.exists()


def test_a_busy_instance_leads_to_what_holds_it(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    holder = request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="jeanne")
    page = read_page(admin_client, _address(instance, OperationKind.SUSPEND))
    assert "Suivre l’opération en cours" in page and holder.public_id in page
    admin_client.post(_address(instance, OperationKind.SUSPEND), KEY)
    assert Operation.objects.count() == 1


def test_a_deletion_is_not_begun_without_the_identifier(admin_client: Client) -> None:
    address = _address(_make(OperationKind.DELETE), OperationKind.DELETE)
    for typed in ({}, {"confirm": "saint-jean"}):
        answer = admin_client.post(address, {**KEY, "purge_backups": "on", **typed})
        assert answer.status_code == 200
        # The page tells what was chosen, not the defaults.
        assert "Ses sauvegardes sont purgées aussi." in answer.content.decode()
    assert not Operation.objects.exists()


def test_a_restore_needs_a_backup_and_the_identifier(admin_client: Client) -> None:
    instance = _make(OperationKind.RESTORE)
    address = _address(instance, OperationKind.RESTORE)
    assert "Il n’y a pas encore de bonne sauvegarde" in read_page(admin_client, address)
    backup = make_backup_row(instance, stored_bytes=3 * 1024**2)
    assert "3,0 Mio" in read_page(admin_client, address)
    assert "Choisissez la sauvegarde à restaurer." in admin_client.post(address, KEY).content.decode()
    chosen = {**KEY, "backup_id": backup.backup_id, "safety_backup": "on"}
    admin_client.post(address, chosen)
    assert not Operation.objects.exists()
    assert admin_client.post(address, {**chosen, "confirm": "saint-paul"}).status_code == 302
    parameters = Operation.objects.get().parameters
    assert (parameters["backup_id"], parameters["safety_backup"]) == (backup.backup_id, True)


def test_a_plan_is_chosen_also_by_a_link(admin_client: Client) -> None:
    instance = _make(OperationKind.RESIZE)
    address = _address(instance, OperationKind.RESIZE)
    make_plan_row("other")
    assert "data-refused" not in read_page(admin_client, address)
    page = read_page(admin_client, address, plan="other")
    assert "checked" in page.partition('value="other"')[2].partition(">")[0]
    assert admin_client.post(address, KEY).status_code == 200
    assert not Operation.objects.exists()
    assert admin_client.post(address, {**KEY, "plan": "other"}).status_code == 302
    assert Operation.objects.get().parameters == {"plan": "other"}


def test_an_upgrade_without_a_way_back_needs_the_identifier(admin_client: Client) -> None:
    instance = _make(OperationKind.UPGRADE)
    address = _address(instance, OperationKind.UPGRADE)
    make_release_row("next", civicrm="5.62.0")
    assert admin_client.post(address, {**KEY, "release": "next"}).status_code == 200
    assert not Operation.objects.exists()
    assert admin_client.post(address, {**KEY, "release": "next", "confirm": " saint-paul "}).status_code == 302
    assert Operation.objects.get().parameters["safety_backup"] is False


def test_a_link_chooses_the_backup(admin_client: Client) -> None:
    instance = _make(OperationKind.RESTORE)
    backup = make_backup_row(instance)
    page = read_page(admin_client, _address(instance, OperationKind.RESTORE), backup_id=backup.backup_id)
    assert "checked" in page.partition(f'value="{backup.backup_id}"')[2].partition(">")[0]
    assert "Une sauvegarde de sécurité de saint-paul est prise d’abord" in page


def test_the_description_follows_the_choices(admin_client: Client) -> None:
    instance = _make(OperationKind.RESTORE)
    chosen = {"part": "description", "backup_id": make_backup_row(instance).backup_id, "scope": "files"}
    part = read_page(admin_client, _address(instance, OperationKind.RESTORE), **chosen)
    assert "<html" not in part and "saint-paul (fichiers seulement)" in part
    assert "Aucune sauvegarde de sécurité n’est prise" in part


def test_only_good_backups_of_the_right_instances_are_offered(defaults: None) -> None:  # noqa: ARG001
    production = make_instance_row(state=InstanceState.ACTIVE)
    sandbox = create_instance(production.tenant, kind=InstanceKind.SANDBOX)
    good, own = make_backup_row(production, hours_ago=2), make_backup_row(sandbox)
    for state in (BackupState.FAILED, BackupState.RUNNING, BackupState.DELETED):
        make_backup_row(production, state=state)
    make_backup_row(make_instance_row("saint-jean"))
    assert list_restorable(production) == [good]
    assert list_restorable(sandbox) == [own, good]


def test_an_older_backup_is_offered_when_it_is_chosen() -> None:
    instance = _make(OperationKind.RESTORE)
    oldest = make_backup_row(instance, hours_ago=999)
    for hours in range(OFFERED_BACKUPS):
        make_backup_row(instance, hours_ago=hours + 1)
    assert oldest not in list_restorable(instance)
    assert list_restorable(instance, chosen=oldest.backup_id)[-1] == oldest


def test_permissions_are_asked() -> None:
    instance = _make(OperationKind.SUSPEND)
    address = _address(instance, OperationKind.SUSPEND)
    looker = make_client("tenants.view_instance", name="looker")
    blind = make_client("operations.add_operation", name="blind")
    for client in (looker, blind):
        assert [client.get(address).status_code, client.post(address, KEY).status_code] == [403, 403]
    assert Client().get(address).status_code == 302
    allowed = make_client("tenants.view_instance", "operations.add_operation")
    assert allowed.get(f"/admin/tenants/instance/{instance.pk}/ask/format/").status_code == 404
    allowed.post(address, KEY)
    assert Operation.objects.get().requested_by == "jeanne"

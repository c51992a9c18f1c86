"""A restore's page tells which set was put back, and which one is its safety copy."""

import pytest
from django.test import Client

from backups.models import Backup, BackupReason
from console.operations.choices import list_choices
from domain.states import InstanceState
from operations.models import Operation
from tests.backups.rows import make_backup_row
from tests.people import read_page
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def restored() -> tuple[Operation, Backup, Backup]:
    """A restore of one database, the set that it read, and its safety copy."""
    instance = make_instance_row(state=InstanceState.ACTIVE)
    chosen = make_backup_row(instance, hours_ago=30)
    parameters = {"backup_id": chosen.backup_id, "source": "saint-paul", "scope": "database", "database": "civicrm"}
    operation = Operation.objects.create(
        kind="restore",
        instance=instance,
        subject="saint-paul",
        requested_by="jeanne",
        parameters={**parameters, "safety_backup": True, "confirm": "saint-paul"},
    )
    safety = make_backup_row(instance, hours_ago=1, reason=BackupReason.SAFETY, operation=operation)
    return operation, chosen, safety


def test_the_set_that_is_put_back_and_the_safety_copy_are_told_apart(
    admin_client: Client, restored: tuple[Operation, Backup, Backup]
) -> None:
    operation, chosen, safety = restored
    named = {choice["label"]: choice for choice in list_choices(operation)}
    assert named["Sauvegarde remise en place"]["text"].startswith(chosen.backup_id)
    assert named["Copie de sécurité prise avant"]["text"] == safety.backup_id
    assert (named["Étendue"]["text"], named["Base de données"]["text"]) == ("bases de données seulement", "civicrm")
    assert named["Sauvegarde de sécurité d’abord"]["text"] == "oui" and "confirm" not in str(named)
    page = read_page(admin_client, f"/admin/operations/operation/{operation.pk}/change/")
    for backup in (chosen, safety):
        assert f"/admin/backups/backup/{backup.pk}/change/" in page


def test_a_set_whose_row_is_gone_is_still_named(restored: tuple[Operation, Backup, Backup]) -> None:
    operation, chosen, _safety = restored
    chosen.delete()
    first = list_choices(operation)[0]
    assert first["text"] == chosen.backup_id and first["link"] == ""

"""What would lead to nothing cannot be pressed, and says why."""

import re

import pytest
from django.test import Client

from backups.models import BackupState
from console.instances.obstacles import find_obstacle, has_restorable
from domain.states import InstanceState, OperationKind
from operations.registry import get_kind
from tenants.models import Instance, Plan
from tests.backups.rows import make_backup_row
from tests.people import read_page
from tests.rows import make_instance_row

BUTTON = re.compile(r'<button type="button" class="cp-button" disabled[^>]*>.*?</span>([^<]*)</button>(.*?)</span>')

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]


def list_disabled(client: Client, instance: Instance) -> dict[str, str]:
    """Return the actions that cannot be pressed on the instance's page, with the reasons."""
    page = read_page(client, f"/admin/tenants/instance/{instance.pk}/change/")
    return {label.strip(): reason.rpartition(">")[2] for label, reason in BUTTON.findall(page)}


def test_without_a_backup_nothing_is_restored_and_nothing_removed(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    make_backup_row(instance, hours_ago=1, state=BackupState.DELETED)
    disabled = list_disabled(admin_client, instance)
    assert disabled["Restaurer…"] == "il n’y a pas encore de bonne sauvegarde"
    assert "il n’y a aucune sauvegarde à supprimer" in disabled.values()
    page = read_page(admin_client, f"/admin/tenants/instance/{instance.pk}/change/")
    assert f"/admin/tenants/instance/{instance.pk}/ask/restore/" not in page
    make_backup_row(instance, hours_ago=1)
    assert "Restaurer…" not in list_disabled(admin_client, instance)


def test_a_copy_takes_any_backup_of_its_parish() -> None:
    production, copy = make_instance_row(), make_instance_row("saint-paul-sandbox")
    Instance.objects.filter(pk=copy.pk).update(kind="sandbox", tenant=production.tenant)
    copy.refresh_from_db()
    assert not has_restorable(copy)
    make_backup_row(production, hours_ago=1)
    assert has_restorable(copy) and has_restorable(production)


def test_with_one_plan_there_is_no_other_size() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    resize = get_kind(OperationKind.RESIZE)
    assert find_obstacle(instance, resize) == ""
    Instance.objects.update(plan=Plan.objects.get(is_default=True))
    instance.refresh_from_db()
    Plan.objects.exclude(pk=instance.plan_id).delete()
    assert find_obstacle(instance, resize)

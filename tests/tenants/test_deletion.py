"""Nothing leaves the list before its data is gone, whichever way it is deleted."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from backups.models import Backup, BackupState
from domain.errors import CiviparoisseError
from domain.specs import InstanceKind
from domain.states import InstanceState
from operations.models import Operation
from tenants.models import Instance, Tenant
from tenants.registry import create_instance, create_tenant, delete_tenant
from tests.parishes import make_parish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]

Delete = Callable[[Tenant], object]
WAYS: dict[str, Delete] = {
    "registry": lambda tenant: delete_tenant(tenant, requested_by="test"),
    "row": lambda tenant: tenant.delete(),
    "rows": lambda tenant: Tenant.objects.filter(pk=tenant.pk).delete(),
    "all rows": lambda _tenant: Tenant.objects.all().delete(),
}


@pytest.fixture(params=WAYS)
def delete(request: pytest.FixtureRequest) -> Delete:
    """Each way to delete a parish."""
    return WAYS[request.param]


@pytest.fixture
def tenant() -> Tenant:
    """Saint-Paul, without an instance."""
    return create_tenant(make_parish(), requested_by="test")


def purge(instance: Instance) -> None:
    Instance.objects.filter(pk=instance.pk).update(state=InstanceState.DELETED.value, purged_at=timezone.now())


def refuse(delete: Delete, tenant: Tenant) -> CiviparoisseError:
    before = (Tenant.objects.count(), Instance.objects.count(), Backup.objects.count())
    with pytest.raises(CiviparoisseError) as caught:
        delete(tenant)
    assert caught.value.code == "tenant_in_use"
    assert (Tenant.objects.count(), Instance.objects.count(), Backup.objects.count()) == before
    return caught.value


def test_a_parish_without_instances_is_deleted_and_its_name_is_free(delete: Delete, tenant: Tenant) -> None:
    delete(tenant)
    assert not Tenant.objects.exists()
    create_tenant(make_parish(), requested_by="test")


@pytest.mark.parametrize("state", [state for state in InstanceState if state is not InstanceState.DELETED])
def test_an_instance_that_is_not_purged_is_in_the_way(tenant: Tenant, state: InstanceState) -> None:
    instance = create_instance(tenant)
    Instance.objects.filter(pk=instance.pk).update(state=state.value)
    error = refuse(WAYS["row"], tenant)
    assert "saint-paul" in error.params["obstacles"]
    assert "instance_delete saint-paul" in error.hint


def test_a_deletion_whose_purge_is_not_proven_is_in_the_way(delete: Delete, tenant: Tenant) -> None:
    instance = create_instance(tenant)
    Instance.objects.filter(pk=instance.pk).update(state=InstanceState.DELETED.value)
    refuse(delete, tenant)


@pytest.mark.parametrize("state", [BackupState.GOOD, BackupState.FAILED, BackupState.RUNNING])
def test_a_backup_that_is_kept_is_in_the_way(tenant: Tenant, state: BackupState) -> None:
    instance = create_instance(tenant)
    purge(instance)
    Backup.objects.create(backup_id="b1", instance=instance, state=state)
    error = refuse(WAYS["registry"], tenant)
    assert "--purge-backups" in error.hint


def test_every_instance_in_the_way_is_named(delete: Delete, tenant: Tenant) -> None:
    purge(create_instance(tenant))
    create_instance(tenant, kind=InstanceKind.SANDBOX)
    create_instance(tenant, kind=InstanceKind.VERIFICATION)
    error = refuse(delete, tenant)
    assert "saint-paul-sandbox" in str(error)
    assert "saint-paul-verification" in str(error)
    assert "instance_delete saint-paul " not in str(error)


def test_an_operation_that_has_not_ended_is_in_the_way(delete: Delete, tenant: Tenant) -> None:
    instance = create_instance(tenant)
    purge(instance)
    Operation.objects.create(kind="delete", instance=instance, subject="saint-paul", lock="saint-paul")
    refuse(delete, tenant)


def test_a_purged_parish_goes_with_its_instances_and_the_memory_of_its_backups(delete: Delete, tenant: Tenant) -> None:
    instance = create_instance(tenant)
    purge(instance)
    Backup.objects.create(backup_id="b1", instance=instance, state=BackupState.DELETED)
    operation = Operation.objects.create(kind="delete", instance=instance, subject="saint-paul")
    delete(tenant)
    assert not Tenant.objects.exists() and not Instance.objects.exists() and not Backup.objects.exists()
    operation.refresh_from_db()
    assert (operation.instance, operation.subject) == (None, "saint-paul")


def test_deleting_several_parishes_deletes_all_or_none(tenant: Tenant) -> None:
    create_tenant(make_parish("sainte-marie"), requested_by="test")
    create_instance(create_tenant(make_parish("zion"), requested_by="test"))
    with pytest.raises(CiviparoisseError):
        Tenant.objects.all().delete()
    assert sorted(Tenant.objects.values_list("slug", flat=True)) == ["saint-paul", "sainte-marie", "zion"]
    assert tenant in Tenant.objects.all()


def test_the_number_of_deleted_parishes_is_told(tenant: Tenant) -> None:
    purge(create_instance(tenant))
    assert Tenant.objects.all().delete() == (1, {"tenants.Tenant": 1})


@pytest.mark.parametrize("bulk", [False, True])
def test_the_row_of_an_instance_stays_until_it_is_purged(tenant: Tenant, bulk: bool) -> None:
    instance = create_instance(tenant)
    rows = Instance.objects.filter(pk=instance.pk)
    with pytest.raises(CiviparoisseError) as caught:
        rows.delete() if bulk else instance.delete()
    assert caught.value.code == "instance_in_use"
    purge(instance)
    _ = rows.delete() if bulk else instance.delete()
    assert not rows.exists()


def test_the_manager_itself_offers_no_deletion() -> None:
    assert not hasattr(Tenant.objects, "delete")

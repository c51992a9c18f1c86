"""tenant_delete: confirmed, and only when nothing is left."""

import pytest

from tenants.models import Tenant
from tenants.registry import create_instance, create_tenant
from tests.commands import run_command, run_json
from tests.parishes import make_parish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


@pytest.fixture
def tenant() -> Tenant:
    """Saint-Paul."""
    return create_tenant(make_parish(), requested_by="test")


@pytest.mark.usefixtures("tenant")
def test_a_confirmed_deletion_frees_the_name() -> None:
    assert run_json("tenant_delete", "saint-paul", "--confirm", "saint-paul") == (
        0,
        {"dry_run": False, "tenant": "saint-paul", "deleted": True},
    )
    assert not Tenant.objects.exists()


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("confirmation", [(), ("--confirm", "saint-pau"), ("--confirm", "SAINT-PAUL")])
def test_without_the_right_confirmation_nothing_happens(confirmation: tuple[str, ...]) -> None:
    code, document = run_json("tenant_delete", "saint-paul", *confirmation)
    assert (code, document["error"]["code"]) == (1, "confirmation_mismatch")
    assert Tenant.objects.exists()


@pytest.mark.usefixtures("tenant")
def test_a_dry_run_deletes_nothing() -> None:
    assert run_command("tenant_delete", "saint-paul", "--dry-run")[0] == 0
    assert Tenant.objects.exists()


@pytest.mark.parametrize("flags", [("--dry-run",), ("--confirm", "saint-paul")])
def test_an_instance_in_the_way_is_told_with_what_to_type(tenant: Tenant, flags: tuple[str, ...]) -> None:
    create_instance(tenant)
    code, _stdout, stderr = run_command("tenant_delete", "saint-paul", *flags)
    assert code == 1
    assert "instance_delete saint-paul" in stderr
    assert Tenant.objects.exists()


def test_an_unknown_parish_is_not_found() -> None:
    assert run_json("tenant_delete", "saint-paul", "--confirm", "saint-paul")[1]["error"]["code"] == "not_found"

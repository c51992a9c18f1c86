"""The form of a parish."""

from typing import Any

import pytest
from django.utils import translation

from console.parishes.forms import TenantForm
from tenants.models import Tenant
from tenants.registry import create_tenant
from tests.parishes import make_parish

pytestmark = pytest.mark.django_db
SMTP_PASSWORD = make_parish()["smtp_password"]


@pytest.fixture
def tenant() -> Tenant:
    """Saint-Paul."""
    return create_tenant(make_parish(), requested_by="test")


def make_post(**changes: Any) -> dict[str, Any]:
    """Return what a browser sends: passwords empty, a checkbox only when ticked."""
    return {**make_parish(), "imap_use_ssl": "on", "smtp_password": "", "imap_password": "", **changes}


def test_a_new_parish_is_saved_in_its_recorded_form() -> None:
    passwords = {"smtp_password": "s p", "imap_password": "x"}
    form = TenantForm(make_post(name="Paroisse de l'Ascension", phone="03 88 00 00 00", **passwords))
    assert form.is_valid(), form.errors
    tenant = form.save()
    tenant.refresh_from_db()
    assert (tenant.name, tenant.phone) == ("Paroisse de l’Ascension", "+33 3 88 00 00 00")
    assert (tenant.smtp_password, tenant.imap_password) == ("s p", "x")


def test_every_fault_is_told_beside_its_field() -> None:
    form = TenantForm(
        make_post(name='a"b', slug="www", postcode="1", smtp_password="x\x7f", imap_password="y", city="")
    )
    assert not form.is_valid()
    assert set(form.errors) == {"name", "slug", "postcode", "smtp_password", "city"}
    assert all(len(reasons) == 1 for reasons in form.errors.values())


def test_a_taken_sub_domain_is_told_beside_its_field(tenant: Tenant) -> None:
    form = TenantForm(make_post(slug=tenant.slug, smtp_password="x", imap_password="y"))
    assert set(form.errors) == {"slug"}


def test_an_account_without_a_password_is_told(tenant: Tenant) -> None:
    form = TenantForm(make_post(slug="saint-jean"))
    assert set(form.errors) == {"smtp_password", "imap_password"}
    assert Tenant.objects.get() == tenant


def test_an_empty_password_keeps_the_present_one(tenant: Tenant) -> None:
    form = TenantForm(make_post(city="Colmar"), instance=tenant)
    assert form.is_valid(), form.errors
    form.save()
    tenant.refresh_from_db()
    assert (tenant.city, tenant.smtp_password) == ("Colmar", SMTP_PASSWORD)


def test_a_typed_password_replaces_it(tenant: Tenant) -> None:
    form = TenantForm(make_post(smtp_password="new"), instance=tenant)
    assert form.is_valid(), form.errors
    form.save()
    tenant.refresh_from_db()
    assert (tenant.smtp_password, tenant.imap_password) == ("new", "incoming secret")


def test_the_password_goes_with_its_account(tenant: Tenant) -> None:
    form = TenantForm(make_post(smtp_user=""), instance=tenant)
    assert form.is_valid(), form.errors
    form.save()
    tenant.refresh_from_db()
    assert (tenant.smtp_user, tenant.smtp_password) == ("", "")


def test_the_sub_domain_of_a_parish_that_exists_cannot_be_changed(tenant: Tenant) -> None:
    form = TenantForm(make_post(slug="saint-jean"), instance=tenant)
    assert form.is_valid(), form.errors
    form.save()
    tenant.refresh_from_db()
    assert tenant.slug == "saint-paul"


def test_an_unticked_box_is_false(tenant: Tenant) -> None:
    data = make_post()
    del data["imap_use_ssl"]
    form = TenantForm(data, instance=tenant)
    assert form.is_valid(), form.errors
    assert form.save().imap_use_ssl is False


@pytest.mark.parametrize("data", [None, make_post(smtp_password="typed-now", postcode="x")])
def test_no_password_is_ever_rendered(tenant: Tenant, data: dict[str, Any] | None) -> None:
    with translation.override("en"):
        page = TenantForm(data, instance=tenant).as_p()
    assert "Strasbourg" in page or "Étupes" in page
    for secret in (SMTP_PASSWORD, "outgoing", "incoming secret", "typed-now", tenant.imap_password):
        assert secret not in page

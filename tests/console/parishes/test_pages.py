"""Parishes in the administration."""

import re
from typing import Any

import pytest
from django.test import Client

from domain.states import InstanceState
from tenants.models import Instance, Tenant
from tests.backups.rows import make_backup_row
from tests.parishes import make_parish
from tests.people import count_queries, make_client, read_page
from tests.rows import make_instance_row, make_tenant_row

pytestmark = pytest.mark.django_db
TENANTS = "/admin/tenants/tenant/"


def _fill(**changes: Any) -> dict[str, Any]:
    """Return a filled form; a box that is not ticked is not sent."""
    values = {**make_parish(), "create_production": True, **changes}
    return {name: "on" if value is True else value for name, value in values.items() if value is not False}


def test_the_list_shows_each_parish_with_its_instance(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    make_backup_row(instance, hours_ago=3.1)
    make_tenant_row("saint-jean")
    page = read_page(admin_client, TENANTS)
    for text in ("saint-paul", "Étupes", "active", "il y a 3 heures", "saint-jean", "Mulhouse", "Commune"):
        assert text in page, text


def test_a_parish_is_recorded_with_its_instance(admin_client: Client, defaults: None) -> None:  # noqa: ARG001
    answer = admin_client.post(f"{TENANTS}add/", _fill(phone="03 88 00 00 00"), follow=True)
    tenant = Tenant.objects.get()
    instance = Instance.objects.get()
    assert (tenant.slug, tenant.phone) == ("saint-paul", "+33 3 88 00 00 00")
    assert tenant.smtp_password == make_parish()["smtp_password"]
    assert (instance.identifier, instance.state) == ("saint-paul", "new")
    assert f"/admin/tenants/instance/{instance.pk}/ask/provision/" in answer.content.decode()


def test_a_parish_may_be_recorded_alone(admin_client: Client, defaults: None) -> None:  # noqa: ARG001
    admin_client.post(f"{TENANTS}add/", _fill(create_production=False))
    assert Tenant.objects.count() == 1 and not Instance.objects.exists()


def test_every_fault_is_told_beside_its_field(admin_client: Client) -> None:
    answer = admin_client.post(f"{TENANTS}add/", _fill(slug="www", postcode="6700", admin_mail="jeanne"))
    errors = answer.context["adminform"].form.errors
    assert set(errors) == {"slug", "postcode", "admin_mail"}
    assert "ce nom est réservé." in str(errors["slug"])
    assert not Tenant.objects.exists()


def test_a_password_goes_in_and_never_comes_out(admin_client: Client) -> None:
    tenant = Tenant.objects.create(**make_parish())
    address = f"{TENANTS}{tenant.pk}/change/"
    for page in (read_page(admin_client, address), read_page(admin_client, TENANTS)):
        assert make_parish()["smtp_password"] not in page and make_parish()["imap_password"] not in page
    refused = admin_client.post(address, _fill(smtp_password="a-new-password", postcode="x"))
    assert refused.status_code == 200 and "a-new-password" not in refused.content.decode()
    kept = admin_client.post(address, _fill(smtp_password="", city="Montbéliard"))
    tenant.refresh_from_db()
    assert kept.status_code == 302
    assert (tenant.city, tenant.smtp_password) == ("Montbéliard", make_parish()["smtp_password"])
    assert not Instance.objects.exists()


def test_the_form_is_in_groups_and_in_french(admin_client: Client) -> None:
    page = read_page(admin_client, f"{TENANTS}add/")
    for text in ("La paroisse", "Courrier sortant (SMTP)", "Enregistrer aussi son instance de production", "Commune"):
        assert text in page, text
    changed = read_page(admin_client, f"{TENANTS}{make_tenant_row().pk}/change/")
    assert "Enregistrer aussi son instance" not in changed
    assert re.search(r'name="slug"[^>]* disabled', changed)


def test_a_parish_in_use_stays_and_says_what_to_do(admin_client: Client) -> None:
    tenant = make_instance_row(state=InstanceState.ACTIVE).tenant
    for ask in (admin_client.get, admin_client.post):
        answer = ask(f"{TENANTS}{tenant.pk}/delete/", {"post": "yes"}, follow=True)
        text = answer.content.decode().replace("\u00a0", " ")
        assert "La paroisse saint-paul ne peut pas être supprimée" in text and "instance_delete" in text
    assert Tenant.objects.filter(pk=tenant.pk).exists()


def test_an_unused_parish_is_deleted_after_a_confirmation(admin_client: Client) -> None:
    tenant = make_tenant_row()
    address = f"{TENANTS}{tenant.pk}/delete/"
    assert tenant.name in read_page(admin_client, address)
    assert Tenant.objects.exists()
    assert admin_client.post(address, {"post": "yes"}).status_code == 302
    assert not Tenant.objects.exists()


def test_no_list_action_deletes(admin_client: Client) -> None:
    tenant = make_tenant_row()
    admin_client.post(TENANTS, {"action": "delete_selected", "_selected_action": [tenant.pk], "post": "yes"})
    assert Tenant.objects.exists()


def test_permissions_are_asked() -> None:
    tenant = make_tenant_row()
    stranger = make_client(name="stranger")
    pages = [TENANTS, f"{TENANTS}add/", f"{TENANTS}{tenant.pk}/change/", f"{TENANTS}{tenant.pk}/delete/"]
    assert [stranger.get(page).status_code for page in pages] == [403] * 4
    looker = make_client("tenants.view_tenant")
    assert tenant.city in read_page(looker, pages[2])
    assert looker.post(pages[3], {"post": "yes"}).status_code == 403
    assert Tenant.objects.exists()


def test_those_who_only_look_see_no_password() -> None:
    tenant = Tenant.objects.create(**make_parish())
    page = read_page(make_client("tenants.view_tenant"), f"{TENANTS}{tenant.pk}/change/")
    assert make_parish()["smtp_password"] not in page and make_parish()["imap_password"] not in page
    assert "gAAAA" not in page


def test_the_number_of_queries_does_not_grow(admin_client: Client) -> None:
    for number in range(3):
        make_instance_row(f"parish-{number}", state=InstanceState.ACTIVE)
    few = count_queries(admin_client, TENANTS)
    for number in range(3, 30):
        make_instance_row(f"parish-{number}", state=InstanceState.ACTIVE)
    assert count_queries(admin_client, TENANTS) == few


def test_a_parish_leads_to_its_instances_backups_and_costs(admin_client: Client) -> None:
    instance = make_instance_row()
    page = read_page(admin_client, f"/admin/tenants/tenant/{instance.tenant_id}/change/")
    for address in (
        f"/admin/tenants/instance/{instance.pk}/change/",
        f"/admin/backups/backup/?instance__tenant__id__exact={instance.tenant_id}",
        "/admin/finops/parish/saint-paul/",
    ):
        assert f'href="{address}"' in page, address
    assert "pour la prochaine installation" not in page


def test_editing_a_parish_says_that_its_site_keeps_what_it_has(admin_client: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    address = f"/admin/tenants/tenant/{instance.tenant_id}/change/"
    assert "pour la prochaine installation" in read_page(admin_client, address)

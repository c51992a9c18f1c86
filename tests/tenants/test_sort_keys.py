"""Parishes are sorted as people look for them, on every database, and the order follows a name that is changed."""

import pytest
from django.contrib import admin
from django.test import Client

from tenants.models import Tenant
from tests.people import read_page
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db
NAMES = {
    "c": "Saint-Étienne",
    "a": "Saint-Paul",
    "b": "Sainte-Aurélie",
    "d": "Élan",
    "e": "Zellwiller",
    "f": "eau vive",
}
IN_ORDER = ["eau vive", "Élan", "Sainte-Aurélie", "Saint-Étienne", "Saint-Paul", "Zellwiller"]


def make_parishes() -> None:
    for slug, name in NAMES.items():
        row = make_tenant_row(slug)
        row.name = name
        row.save()


def test_the_order_is_the_french_one() -> None:
    make_parishes()
    assert list(Tenant.objects.order_by("name_key").values_list("name", flat=True)) == IN_ORDER


def test_it_follows_a_name_that_is_changed() -> None:
    make_parishes()
    row = Tenant.objects.get(slug="e")
    row.name = "Ägidius"
    row.save(update_fields=["name"])
    assert Tenant.objects.order_by("name_key")[0] == row
    row.name = "Zion"
    row.save()
    assert Tenant.objects.order_by("-name_key")[0] == row
    Tenant.objects.bulk_create([Tenant(slug="g", name="Épinal")])
    assert Tenant.objects.get(slug="g").name_key == "epinal"


@pytest.mark.parametrize(("query", "expected"), [("", IN_ORDER), ("?o=0", IN_ORDER), ("?o=-0", IN_ORDER[::-1])])
def test_the_list_and_its_column_are_sorted_so(admin_client: Client, query: str, expected: list[str]) -> None:
    make_parishes()
    page = read_page(admin_client, f"/admin/tenants/tenant/{query}")
    assert sorted(NAMES.values(), key=page.index) == expected


def test_a_parish_is_chosen_from_a_list_in_that_order(admin_client: Client) -> None:
    make_parishes()
    page = read_page(admin_client, "/admin/tenants/instance/add/")
    assert sorted(NAMES.values(), key=page.index) == IN_ORDER
    assert admin.site._registry[Tenant].ordering == ("name_key", "slug")

"""What the administration's pages share."""

import re

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory

from civiparoisse.admin_base import ReadOnlyAdmin, Titled, display
from operations.models import Operation
from tests.gates.source import ROOT, list_modules
from tests.people import read_page
from tests.rows import make_instance_row

UNFOLD = re.compile(r"^\s*(?:from|import) unfold", re.MULTILINE)


def test_unfold_is_imported_in_one_place() -> None:
    importing = [str(path) for path in list_modules() if UNFOLD.search((ROOT / path).read_text())]
    assert importing == ["civiparoisse/admin_base.py"]


def test_a_read_only_admin_allows_nothing() -> None:
    model_admin = ReadOnlyAdmin(Operation, admin.site)
    request = RequestFactory().get("/")
    assert not model_admin.has_add_permission(request)
    assert not model_admin.has_change_permission(request)
    assert not model_admin.has_delete_permission(request)
    assert model_admin.actions is None


def test_a_column_is_named_and_may_be_a_badge() -> None:
    @display(description="plain", ordering="x")
    def plain(row: object) -> str:
        return str(row)

    @display(description="badge", colours={"a": "success"})
    def badge(row: object) -> tuple[str, str]:
        return "a", str(row)

    assert (plain.short_description, plain.admin_order_field) == ("plain", "x")  # type: ignore[attr-defined]
    assert badge.label == {"a": "success"}  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_page_says_where_it_is(admin_client: Client) -> None:
    instance = make_instance_row()
    assert str(Titled(instance, "ici")) == "ici"
    page = read_page(admin_client, f"/admin/tenants/instance/{instance.pk}/change/")
    assert re.search(r'<a href="/admin/tenants/instance/"[^>]*>Instances</a>', page)


@pytest.mark.django_db
def test_pages_load_nothing_from_elsewhere_and_run_no_script_of_ours_inline(admin_client: Client) -> None:
    instance = make_instance_row()
    for path in ("", "tenants/instance/", f"tenants/instance/{instance.pk}/change/", "operations/operation/"):
        page = read_page(admin_client, f"/admin/{path}")
        assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', page) == []
    own = [path.read_text() for path in (ROOT / "templates").rglob("*.html")]
    assert not any("<script" in text or "onclick" in text or "style=" in text for text in own)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "said"), [("tenants/tenant", "Corrigez les erreurs"), ("auth/group", "Corrigez l’erreur ci-dessous")]
)
def test_one_error_is_one_and_many_are_many(admin_client: Client, path: str, said: str) -> None:
    assert said in admin_client.post(f"/admin/{path}/add/", {"name": ""}).content.decode()

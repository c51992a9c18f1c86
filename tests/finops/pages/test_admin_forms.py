"""What is typed in the forms of prices and budgets."""

import pytest

from finops.models import Budget
from finops.pages.admin_forms import BudgetForm, PriceLineForm, PriceSheetForm
from tenants.models import Tenant
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("typed", "kept"), [("eur", "EUR"), (" chf ", "CHF"), ("€", None), ("EURO", None)])
def test_a_currency_is_three_letters(typed: str, kept: str | None) -> None:
    form = PriceSheetForm({"currency": typed})
    form.is_valid()
    assert form.cleaned_data.get("currency") == kept
    assert ("currency" in form.errors) == (kept is None)


@pytest.mark.parametrize(("typed", "count"), [("16 Gi", 16 * 2**30), ("", 0), ("512Mi", 512 * 2**20)])
def test_a_node_s_memory_is_typed_with_its_unit(typed: str, count: int) -> None:
    form = PriceLineForm({"memory_bytes": typed})
    form.is_valid()
    assert form.cleaned_data["memory_bytes"] == count


def test_a_budget_of_a_parish_that_is_gone_can_still_be_changed() -> None:
    make_tenant_row("saint-paul")
    form = BudgetForm({"tenant": "gone", "amount": "12"}, instance=Budget(tenant="gone", amount=10))
    assert form.is_valid()
    assert not BudgetForm({"tenant": "gone", "amount": "12"}).is_valid()


def test_parishes_are_offered_in_french_order() -> None:
    for slug, name in (("paul", "Saint-Paul"), ("zell", "Zell"), ("etienne", "Saint-Étienne"), ("eglise", "Église")):
        make_tenant_row(slug)
        Tenant.objects.filter(slug=slug).update(name=name)
    offered = [name for _slug, name in BudgetForm().fields["tenant"].choices][1:]  # type: ignore[attr-defined]
    assert offered == ["Église", "Saint-Étienne", "Saint-Paul", "Zell"]

"""A deletion of many rows asks each of them, and is whole or not at all."""

import pytest

from domain.errors import CiviparoisseError
from tenants.models import Plan
from tests.rows import make_plan_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_one_refusal_keeps_all_rows() -> None:
    make_plan_row("large")
    names = set(Plan.objects.values_list("name", flat=True))
    with pytest.raises(CiviparoisseError):
        Plan.objects.order_by("-is_default").reverse().delete()
    assert set(Plan.objects.values_list("name", flat=True)) == names


def test_what_was_deleted_is_counted() -> None:
    make_plan_row("large")
    total, rows = Plan.objects.filter(is_default=False).delete()
    assert rows["tenants.Plan"] == 1 and total == sum(rows.values())


def test_templates_and_managers_cannot_delete_everything() -> None:
    assert Plan.objects.all().delete.alters_data is True  # type: ignore[attr-defined]
    assert not hasattr(Plan.objects, "delete")

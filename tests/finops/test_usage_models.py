"""The database itself keeps a day's use single, and a followed advice a change."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from finops.usage_models import FollowedAdvice, UsageDay

pytestmark = pytest.mark.django_db


def test_a_container_has_one_row_a_day() -> None:
    row = UsageDay.objects.create(instance="saint-paul", container="db", day=date(2026, 11, 25))
    assert str(row) == "saint-paul db 2026-11-25"
    with pytest.raises(IntegrityError), transaction.atomic():
        UsageDay.objects.create(instance="saint-paul", container="db", day=date(2026, 11, 25))


def test_an_advice_that_changes_nothing_is_none() -> None:
    values = {"instance": "saint-paul", "asked_at": timezone.now(), "asked_by": "jeanne"}
    row = FollowedAdvice.objects.create(operation="op-1", plan_before="a", plan_after="b", **values)
    assert str(row) == "saint-paul a → b"
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowedAdvice.objects.create(operation="op-2", plan_before="a", plan_after="a", **values)

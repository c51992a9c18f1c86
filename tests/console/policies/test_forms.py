"""The form of a policy."""

import pytest

from backups.models import BackupPolicy
from console.policies.forms import PolicyForm

pytestmark = pytest.mark.django_db


def fill(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {"name": "own", "label": "x", "frequency": "nightly", "scope": "full", "mode": "hot"}
    counts = ("keep_last", "keep_weekly", "keep_monthly", "keep_yearly", "keep_within_days", "proof_days")
    values["copies_wanted"] = 2
    return {**values, **dict.fromkeys(counts, 0), "keep_daily": 7, "safety_days": 7, "final_days": 99, **changes}


def test_weekdays_and_hours_are_ticked() -> None:
    form = PolicyForm(fill(weekdays=["1", "7"], hours=["22", "0"]))
    assert form.is_valid(), form.errors
    form.save()
    policy = BackupPolicy.objects.get(name="own")
    assert (policy.weekdays, policy.hours) == ([1, 7], [22, 0])
    assert not PolicyForm(fill(weekdays=["7", "1"], hours=["0", "22"]), instance=policy).has_changed()


@pytest.mark.parametrize("changes", [{"hours": ["2"]}, {"keep_daily": 0}, {"frequency": "monthly", "weekdays": ["1"]}])
def test_what_the_model_refuses_is_said(changes: dict[str, object]) -> None:
    assert not PolicyForm(fill(**changes)).is_valid()

"""A policy is judged whatever the door, and stays while it is used."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from backups.models import BackupPolicy, InstancePolicy, PolicyDefault
from domain.errors import CiviparoisseError
from domain.schedules import Frequency
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db

WRONG = [
    {"keep_last": 0},
    {"keep_last": 1001},
    {"keep_last": -1},
    {"keep_within_days": 36501},
    {"safety_days": 0},
    {"final_days": 0},
    {"frequency": "hourly"},
    {"frequency": "weekly", "weekdays": [1, 2]},
    {"frequency": "monthly", "weekdays": [1]},
    {"frequency": "monthly", "month_day": 28},
    {"frequency": "monthly", "month_day": 0},
    {"frequency": "weekly", "month_day": 1},
    {"weekdays": [9]},
    {"hours": [2]},
    {"codec": "xz"},
    {"mode": "warm"},
    {"scope": "half"},
    {"warning_hours": 5},
    {"critical_hours": 5},
    {"warning_hours": 5, "critical_hours": 5},
    {"warning_hours": 0, "critical_hours": 5},
    {"name": "not a name"},
    {"label": ""},
]


@pytest.mark.parametrize("values", WRONG, ids=str)
def test_a_wrong_policy_is_not_saved(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BackupPolicy(**{"name": "p", "label": "p", "keep_last": 1, **values}).save()
    assert not BackupPolicy.objects.filter(label="p").exists()


@pytest.mark.parametrize("values", [one for one in WRONG[:8] if "frequency" not in one], ids=str)
def test_the_database_refuses_what_no_door_judged(values: dict[str, object]) -> None:
    policy = BackupPolicy(**{"name": "p", "label": "p", "keep_last": 1, **values})
    with pytest.raises(IntegrityError), transaction.atomic():
        BackupPolicy.objects.bulk_create([policy])


def test_what_is_shipped_is_right_and_used_by_default() -> None:
    shipped = {policy.name: policy for policy in BackupPolicy.objects.all()}
    assert set(shipped) == {"critical", "medium", "low"}
    for policy in shipped.values():
        policy.full_clean()
    rules = {name: policy.make_rule() for name, policy in shipped.items()}
    assert (rules["critical"].keep_daily, rules["critical"].keep_monthly) == (30, 12)
    assert (rules["medium"].keep_weekly, shipped["medium"].make_schedule().frequency) == (4, Frequency.WEEKLY)
    assert (rules["low"].keep_monthly, shipped["low"].make_schedule().frequency) == (3, Frequency.MONTHLY)
    assert {row.kind: row.policy.name for row in PolicyDefault.objects.all()} == {
        "production": "critical",
        "sandbox": "medium",
        "verification": "low",
    }


def test_a_policy_in_use_stays() -> None:
    policy = BackupPolicy(name="p", label="p", keep_last=1)
    policy.save()
    choice = InstancePolicy.objects.create(instance=make_instance_row(), policy=policy)
    assert policy.is_for_production()
    policy.scope = "files"
    with pytest.raises(ValidationError):
        policy.save()
    for rows in (policy, BackupPolicy.objects.filter(name="p")):
        with pytest.raises(CiviparoisseError) as refused:
            rows.delete()
        assert (refused.value.code, refused.value.params["users"]) == ("policy_in_use", "saint-paul")
    choice.delete()
    policy.delete()
    with pytest.raises(CiviparoisseError) as refused:
        BackupPolicy.objects.get(name="low").delete()
    assert refused.value.params["users"] == "verification"

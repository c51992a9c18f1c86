"""Ages of last good backups, for lists."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from backups import ages
from backups.ages import Protection, find_protection, grade_age, make_last_good, register_protection, select_older
from backups.freshness import Level
from backups.models import BackupReason, BackupScope, BackupState
from backups.policies import choose_policy, get_policy
from backups.selectors import list_whole_backups
from domain.states import InstanceState
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row


@pytest.mark.django_db
def test_the_last_good_one_is_that_of_the_selectors() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    expected = make_backup_row(instance, hours_ago=9)
    make_backup_row(instance, hours_ago=20)
    make_backup_row(instance, hours_ago=1, state=BackupState.FAILED)
    make_backup_row(instance, hours_ago=2, scope=BackupScope.DATABASE)
    make_backup_row(instance, hours_ago=3, reason=BackupReason.SAFETY)
    make_instance_row("saint-jean")
    rows = dict(Instance.objects.annotate(at=make_last_good("pk")).values_list("identifier", "at"))
    assert rows == {"saint-paul": expected.started_at, "saint-jean": None}
    assert list_whole_backups(instance).first() == expected


@override_settings(BACKUP_WARNING_HOURS=26, BACKUP_CRITICAL_HOURS=50)
def test_an_age_is_graded_by_the_settings() -> None:
    now = timezone.now()
    ahead = {-1.0: Level.UNKNOWN, -0.1: Level.OK}
    hours = ahead | {26.0: Level.OK, 26.1: Level.WARNING, 50.0: Level.WARNING, 50.1: Level.CRITICAL}
    assert {age: grade_age(now - timedelta(hours=age), now=now) for age in hours} == hours
    assert grade_age(None, now=now) is Level.UNKNOWN


@pytest.mark.django_db
def test_lists_follow_each_instance_s_policy() -> None:
    now = timezone.now()
    for slug in ("saint-paul", "saint-jean"):
        make_backup_row(make_instance_row(slug, state=InstanceState.ACTIVE), hours_ago=100)
    choose_policy(Instance.objects.get(identifier="saint-jean"), get_policy("medium"), requested_by="test")
    rows = Instance.objects.annotate(good_at=make_last_good("pk"))
    assert [row.identifier for row in select_older(rows, now=now, is_critical=True)] == ["saint-paul"]
    assert not select_older(rows, now=now, is_critical=False).exists()
    later = now + timedelta(hours=100)
    assert [row.identifier for row in select_older(rows, now=later, is_critical=False)] == ["saint-jean"]


def test_whoever_knows_of_other_places_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ages, "_finders", [])
    now = timezone.now()
    assert find_protection([1, 2], now=now) == {}
    known = Protection(protected_at=now, is_late=False)
    register_protection(lambda keys, _now: {key: known for key in keys if key == 1})
    assert find_protection([1, 2], now=now) == {1: known}

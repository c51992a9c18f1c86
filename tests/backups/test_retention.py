"""The fate of each set of an instance, as people are told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backups.documents import FateSerializer
from backups.models import Backup, BackupPolicy
from backups.policies import get_policy
from backups.retention import list_runs, make_override, preview_retention
from domain.states import InstanceState
from programs.sets.retention import RetentionRule
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_what_is_foretold_of_each_set() -> None:
    paul, now = make_instance_row(state=InstanceState.ACTIVE), timezone.now()
    sets = [make_backup_row(paul, hours_ago=24 * days, stored_bytes=5) for days in (9, 3, 2, 1)]
    Backup.objects.filter(pk=sets[1].pk).update(pinned_at=now, pinned_until=now + timedelta(days=60))
    thought = BackupPolicy(name="thought", label="x", keep_daily=2)
    runs = list(list_runs(paul, thought, now=now))
    fates = preview_retention(paul, thought, now=now)
    assert [fate.decision.keep for fate in fates] == [False, True, True, True]
    gone, pinned, older, newest = (fate.goes_at for fate in fates)
    assert (gone, older, newest) == (now, runs[0], runs[1])
    assert pinned is not None and pinned >= now + timedelta(days=60)
    told = FateSerializer(fates, many=True).data
    assert [one["keep"] for one in told] == [False, True, True, True]
    assert told[3]["because"] == ["newest", "daily"]
    assert not BackupPolicy.objects.filter(name="thought").exists()


def test_runs_are_those_of_the_policy() -> None:
    paul, now = make_instance_row(), timezone.now()
    for name, least, most in (("critical", 0.9, 1.1), ("medium", 6.9, 7.1), ("low", 27, 32)):
        runs = list(list_runs(paul, get_policy(name), now=now))
        assert runs[0] > now
        gaps = [(later - earlier).total_seconds() / 86400 for earlier, later in zip(runs, runs[1:], strict=False)]
        assert gaps and least < min(gaps) and max(gaps) < most


def test_an_age_stands_instead_of_the_policy_s_counts() -> None:
    rule = make_override(get_policy("critical"), older_than_days=9)
    assert rule == RetentionRule(keep_within_days=9, safety_days=14, final_days=400)

"""What engines are told of an instance's policy."""

import pytest
from django.conf import LazySettings

from backups.pins import pin_backup
from backups.policies import choose_policy, create_policy
from backups.terms import compute_digest, find_terms
from domain.schedules import Frequency
from programs.sets.told_retention import read_retention
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_terms_are_the_policy_s_and_change_with_what_is_known_of_sets(settings: LazySettings) -> None:
    paul = make_instance_row()
    backup = make_backup_row(paul, stored_bytes=1)
    terms = find_terms(paul)
    told = read_retention({"RETENTION": terms.retention})
    assert told is not None and told.rule.keep_daily == 30 and told.when == "after"
    assert compute_digest(terms) == compute_digest(find_terms(paul))
    pin_backup(backup, reason="x", requested_by="x", now=backup.started_at)
    assert compute_digest(terms) != compute_digest(find_terms(paul))
    settings.PRUNING = False
    assert find_terms(paul).retention == ""
    weekly = {"name": "w", "label": "x", "frequency": "weekly", "mode": "cold", "codec": "zstd", "keep_weekly": 1}
    choose_policy(paul, create_policy(weekly, requested_by="x"), requested_by="x")
    told_terms = find_terms(paul)
    assert (told_terms.schedule.frequency, told_terms.codec, told_terms.by_manager) == (Frequency.WEEKLY, "zstd", True)

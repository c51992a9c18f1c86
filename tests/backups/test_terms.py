"""What engines are told of an instance's policy."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from backups.pins import pin_backup
from backups.policies import choose_policy, create_policy, get_policy
from backups.terms import attach_terms, compute_digest, find_terms, tell_terms
from domain.schedules import Frequency
from domain.states import InstanceState
from operations.requests import request_operation
from programs.sets.told_retention import read_retention
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine
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


@pytest.fixture
def scheduling(engine: FakeEngine) -> FakeEngine:
    """An engine that starts backups by itself."""
    engine.runs_schedules = True
    engine.set_up("saint-paul")
    return engine


def test_an_engine_is_told_once_and_again_after_a_change(scheduling: FakeEngine) -> None:
    paul, now = make_instance_row(state=InstanceState.ACTIVE), timezone.now()
    assert tell_terms(now=now) == ["saint-paul"]
    assert tell_terms(now=now) == []
    # An ordinary night changes nothing.
    backup = make_backup_row(paul, stored_bytes=1)
    assert tell_terms(now=now) == []
    choose_policy(paul, get_policy("low"), requested_by="x")
    assert tell_terms(now=now) == ["saint-paul"]
    assert scheduling.released[-1].backups.schedule.frequency is Frequency.MONTHLY
    pin_backup(backup, reason="x", requested_by="x", now=now)
    assert tell_terms(now=now) == ["saint-paul"] and tell_terms(now=now) == []
    assert backup.backup_id in scheduling.released[-1].backups.retention


def test_who_is_under_an_operation_is_told_afterwards(scheduling: FakeEngine) -> None:
    paul, now = make_instance_row(state=InstanceState.ACTIVE), timezone.now()
    request_operation(kind="backup", instance=paul, requested_by="x")
    assert tell_terms(now=now) == [] and scheduling.released == []
    paul.operations.update(lock=None)
    assert tell_terms(now=now) == ["saint-paul"]


def test_rows_with_their_terms_attached_ask_for_nothing_more(django_assert_num_queries: Any) -> None:
    paul = make_instance_row()
    attach_terms([paul])
    with django_assert_num_queries(0):
        assert find_terms(paul).schedule.frequency is Frequency.NIGHTLY

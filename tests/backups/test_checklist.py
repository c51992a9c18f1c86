"""The production checklist answers itself."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from backups import checklist
from backups.checklist import (
    CHECK_PULSE,
    Answer,
    answer_checklist,
    answer_for_all,
    checklist_as_dict,
    is_all_met,
    register_fleet_questions,
    register_question,
)
from backups.models import Backup
from domain.errors import NotFound
from operations.pulse import record_pulse
from tests.backups.commands import run_command, run_json
from tests.backups.conftest import MakeInstance
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this app asks itself: other apps' questions have their own tests."""
    monkeypatch.setattr(checklist, "_questions", [])
    monkeypatch.setattr(checklist, "_fleet_questions", [])


def find_unmet() -> set[str]:
    return {one.code for one in answer_checklist(now=timezone.now())["saint-paul"] if not one.is_met}


def test_each_question_is_answered_from_what_is_known(
    engine: FakeEngine, make_instance: MakeInstance, settings: LazySettings
) -> None:
    settings.NIGHTLY_BACKUPS = True
    paul = make_instance()
    assert find_unmet() == {"age_watched", "restore_proven"}
    backup = make_backup_row(paul, stored_bytes=1)
    engine.set_up("saint-paul", backup_ids=(backup.backup_id,))
    Backup.objects.update(proven_at=timezone.now())
    assert find_unmet() == set()
    assert run_json("backup_check", "--checklist")[0] == 1, "nobody asked backup_check yet: no alert would arrive"
    run_command("backup_check")
    assert run_json("backup_check", "--checklist")[0] == 0
    Backup.objects.update(proven_at=timezone.now() - timedelta(days=32))
    assert find_unmet() == {"restore_proven"}
    settings.NIGHTLY_BACKUPS, settings.PRUNING = False, False
    assert find_unmet() == {"restore_proven", "automatic_backups", "retention_applied"}
    code, text = run_command("backup_check", "--checklist")
    assert code == 1 and len(text.splitlines()) == 6


def test_a_volume_that_fills_is_told_by_the_list_and_by_backup_check(
    engine: FakeEngine, make_instance: MakeInstance
) -> None:
    paul = make_instance()
    rows = [
        make_backup_row(paul, hours_ago=24 * days + 1, stored_bytes=1, volume_bytes=100, free_bytes=10 + 10 * days)
        for days in range(3)
    ]
    engine.set_up("saint-paul", backup_ids=tuple(row.backup_id for row in rows))
    assert "room" in find_unmet()
    code, document = run_json("backup_check")
    (line,) = [check for check in document["checks"] if check["instance"] == "saint-paul"]
    assert code > 0 and line["level"] == "WARNING" and "backup_enlarge" in line["reasons"][-1]


def test_another_app_asks_its_own_question(make_instance: MakeInstance) -> None:
    make_instance()
    copies = Answer(code="remote_copies", question="?", is_met=False, detail="none")
    register_question(lambda _instance, _now: copies)
    answers = answer_checklist(now=timezone.now())
    assert checklist_as_dict(answers)[-1]["code"] == "remote_copies" and not is_all_met(answers)
    with pytest.raises(NotFound):
        answer_checklist(tenant="nobody", now=timezone.now())


def test_questions_about_all_are_asked_once_and_told_without_an_instance(make_instance: MakeInstance) -> None:
    make_instance()
    answer = Answer(code="encrypted", question="?", is_met=False, detail="no")

    def ask(_now: datetime) -> list[Answer]:
        return [answer]

    register_fleet_questions(ask)
    register_fleet_questions(ask)
    now = timezone.now()
    record_pulse(CHECK_PULSE, now=now - timedelta(hours=25))
    for_all = answer_for_all(now=now)
    assert [(one.code, one.is_met) for one in for_all] == [("alerts_arrive", False), ("encrypted", False)]
    record_pulse(CHECK_PULSE, now=now)
    assert answer_for_all(now=now)[0].is_met
    told = [one["instance"] for one in checklist_as_dict(answer_checklist(now=now), for_all)]
    assert told[:2] == [None, None] and set(told[2:]) == {"saint-paul"}
    assert not is_all_met({}, for_all) and is_all_met({}, [])

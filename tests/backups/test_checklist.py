"""The production checklist answers itself."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from backups import checklist
from backups.checklist import Answer, answer_checklist, checklist_as_dict, is_all_met, register_question
from backups.models import Backup
from domain.errors import NotFound
from tests.backups.commands import run_command, run_json
from tests.backups.conftest import MakeInstance
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine

pytestmark = pytest.mark.django_db(transaction=True)


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
    assert run_json("backup_check", "--checklist")[0] == 0
    Backup.objects.update(proven_at=timezone.now() - timedelta(days=32))
    assert find_unmet() == {"restore_proven"}
    settings.NIGHTLY_BACKUPS, settings.PRUNING = False, False
    assert find_unmet() == {"restore_proven", "automatic_backups", "retention_applied"}
    code, text = run_command("backup_check", "--checklist")
    assert code == 1 and len(text.splitlines()) == 5


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
    assert code > 0 and line["level"] == "WARNING" and "instance_resize" in line["reasons"][-1]


def test_another_app_asks_its_own_question(make_instance: MakeInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checklist, "_questions", [])
    make_instance()
    copies = Answer(code="remote_copies", question="?", is_met=False, detail="none")
    register_question(lambda _instance, _now: copies)
    answers = answer_checklist(now=timezone.now())
    assert checklist_as_dict(answers)[-1]["code"] == "remote_copies" and not is_all_met(answers)
    with pytest.raises(NotFound):
        answer_checklist(tenant="nobody", now=timezone.now())

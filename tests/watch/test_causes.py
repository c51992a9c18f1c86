"""Why something failed reaches mails in a few words of ours, and pages whole."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone, translation

from backups.models import BackupState
from domain.states import InstanceState, OperationState
from operations.models import Operation
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row
from watch.alerts import list_alerts
from watch.catalogue import INSTANCES
from watch.causes import find_causes
from watch.checks.trouble_rules import Trouble
from watch.models import Problem
from watch.notices.texts import render_lines
from watch.rounds import run_round
from watch.standing import list_standing

pytestmark = pytest.mark.django_db

FULL = {
    "instance": "saint-paul",
    "program": "backup",
    "code": "no_space",
    "message": "the words of a machine",
    "hint": "its hint",
}


def make_failed_backup(*, was_good: bool) -> Instance:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    if was_good:
        make_backup_row(instance, hours_ago=2)
    make_backup_row(instance, state=BackupState.FAILED, error_code="program_failed", error_params=FULL)
    return instance


def make_failed_operation(**values: object) -> Instance:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    make_backup_row(instance)
    given = {"state": OperationState.FAILED, "ended_at": timezone.now(), "error_code": "program_failed"}
    Operation.objects.create(
        kind="backup", instance=instance, subject="saint-paul", **{**given, "error_params": FULL, **values}
    )
    return instance


@pytest.mark.parametrize(("was_good", "code"), [(True, "backup_failed"), (False, "never_backed_up")])
def test_a_failed_backup_says_why(was_good: bool, code: str) -> None:
    make_failed_backup(was_good=was_good)
    with translation.override("en"):
        (found,) = [one for one in list_standing(INSTANCES, now=timezone.now()) if one.check_code == code]
        assert found.title.endswith(": there is not enough room") and "enlarge the volume" in found.hint
        assert "machine" not in found.title + found.hint
        alerts = list_alerts(User.objects.create_superuser("anne"), now=timezone.now())
    (alert,) = [alert for alert in alerts if alert.code == code]
    (example,) = alert.examples
    assert "there is not enough room" in example.text and "the words of a machine" in example.text
    assert "enlarge the volume" in example.hint


def test_a_failed_operation_says_which_and_why() -> None:
    make_failed_operation()
    with translation.override("en"):
        (found,) = list_standing(INSTANCES, now=timezone.now())
        assert found.title == "Last operation failed: back up, there is not enough room"
        assert "enlarge the volume" in found.hint


def test_an_operation_of_an_unknown_error_is_named_all_the_same() -> None:
    make_failed_operation(error_code="from_a_newer_version", error_params={})
    with translation.override("en"):
        (found,) = list_standing(INSTANCES, now=timezone.now())
        assert (found.title, found.hint) == ("Last operation failed: back up", "")


def test_a_failed_instance_says_why() -> None:
    instance = make_instance_row(state=InstanceState.FAILED)
    Instance.objects.filter(pk=instance.pk).update(error_code="program_failed", error_params=FULL)
    make_backup_row(instance)
    with translation.override("en"):
        titles = {one.check_code: one.title for one in list_standing(INSTANCES, now=timezone.now())}
    assert titles["failed"] == "Failed: there is not enough room"


def test_what_nothing_failed_for_has_no_cause() -> None:
    instance = make_failed_backup(was_good=True)
    assert find_causes(Trouble.BACKUP_LATE, [instance.pk]) == {}
    assert find_causes(Trouble.BACKUP_FAILED, []) == {}


def test_a_mail_says_it_in_french() -> None:
    make_failed_backup(was_good=True)
    run_round(now=timezone.now())
    problem = Problem.objects.get(check_code="backup_failed")
    with translation.override("fr"):
        text = render_lines([problem])
    assert "pas assez de place" in text and "agrandissez" in text.lower()

"""Somebody is at it, until a time and with a reason."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from domain.errors import CiviparoisseError
from domain.states import InstanceState
from tests.rows import make_instance_row
from tests.watch.rows import make_problem_row
from watch.acknowledgement import acknowledge, list_acknowledged, revoke
from watch.alerts import list_alerts
from watch.models import Problem
from watch.rounds import run_round

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_it_holds_until_its_time() -> None:
    now = timezone.now()
    problem = acknowledge(make_problem_row(), days=2, reason=" the disk is ordered ", by="anne", now=now)
    assert (problem.acknowledged_by, problem.acknowledged_why) == ("anne", "the disk is ordered")
    assert list_acknowledged(now=now + timedelta(days=1)) == {"failed": {"saint-paul"}}
    assert list_acknowledged(now=now + timedelta(days=2)) == {}
    revoke(problem)
    assert list_acknowledged(now=now) == {}


@pytest.mark.parametrize(
    ("days", "reason"), [(0, "why"), (32, "why"), (1, ""), (1, "  "), (1, "x" * 301), (1, "two\nlines")]
)
def test_without_an_end_or_a_reason_it_is_refused(days: int, reason: str) -> None:
    problem = make_problem_row()
    with pytest.raises(CiviparoisseError) as caught:
        acknowledge(problem, days=days, reason=reason, by="anne", now=timezone.now())
    assert caught.value.code == "acknowledgement_invalid"
    problem.refresh_from_db()
    assert problem.acknowledged_until is None


def test_what_has_ended_cannot_be_acknowledged() -> None:
    problem = make_problem_row()
    Problem.objects.update(open_key=None, ended_at=timezone.now())
    with pytest.raises(CiviparoisseError) as caught:
        acknowledge(problem, days=1, reason="why", by="anne", now=timezone.now())
    assert caught.value.code == "problem_ended"


def test_the_first_page_leaves_out_what_is_acknowledged_and_tells_since_when() -> None:
    anne, now = User.objects.create_superuser("anne"), timezone.now()
    for name in ("saint-paul", "saint-pierre"):
        make_instance_row(name, state=InstanceState.FAILED)
    run_round(now=now)

    def count_failed() -> list[int]:
        return [alert.count for alert in list_alerts(anne, now=now) if alert.code == "failed"]

    alerts = [alert for alert in list_alerts(anne, now=now) if alert.code == "failed"]
    assert [(alert.count, alert.since) for alert in alerts] == [(2, now)]
    for problem in Problem.objects.filter(check_code="failed"):
        acknowledge(problem, days=1, reason="known", by="anne", now=now)
        assert count_failed() in ([1], [])
    assert count_failed() == []

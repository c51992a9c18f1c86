"""Somebody is at it: by command."""

import pytest
from django.core.management import CommandError, call_command

from tests.watch.rows import make_problem_row

pytestmark = pytest.mark.django_db


def test_it_is_acknowledged_and_taken_back() -> None:
    problem = make_problem_row()
    call_command("problem_acknowledge", str(problem.pk), days=2, reason="the disk is ordered")
    problem.refresh_from_db()
    assert problem.acknowledged_until and problem.acknowledged_by.startswith("cli:")
    call_command("problem_acknowledge", str(problem.pk), revoke=True)
    problem.refresh_from_db()
    assert problem.acknowledged_until is None


def test_without_a_reason_or_a_problem_it_is_refused() -> None:
    problem = make_problem_row()
    for arguments in ((str(problem.pk),), (str(problem.pk + 1), "--reason", "why")):
        with pytest.raises((SystemExit, CommandError)):
            call_command("problem_acknowledge", *arguments)
    problem.refresh_from_db()
    assert problem.acknowledged_until is None

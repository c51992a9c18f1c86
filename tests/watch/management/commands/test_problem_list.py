"""What is wrong, on a terminal and for programs; the exit code says how bad."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.watch.rows import make_problem_row
from watch.models import Problem

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("problem_list", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_exit_code_is_the_worst_level() -> None:
    assert run()[0] == 0
    make_problem_row("old", "b", level="warning", tenant="b", name="Beta", title="Backup late")
    code, text = run()
    assert code == 1 and "Beta: Backup late" in text
    make_problem_row("failed", "a", tenant="a", name="Alpha", title="Failed", since=timezone.now() - timedelta(days=3))
    code, text = run()
    assert code == 2 and text.index("Alpha") < text.index("Beta")
    assert run("--tenant", "b")[0] == 1


def test_json_has_what_programs_need_and_ended_is_no_fault() -> None:
    problem = make_problem_row(tenant="saint-paul")
    document: dict[str, Any] = json.loads(run("--json")[1])
    (row,) = document["problems"]
    assert (row["check"], row["subject"], row["level"], row["acknowledged_until"]) == (
        "failed",
        "saint-paul",
        "critical",
        None,
    )
    Problem.objects.filter(pk=problem.pk).update(open_key=None, ended_at=timezone.now())
    assert run("--json")[0] == 0
    code, text = run("--ended", "--json")
    assert code == 0 and json.loads(text)["problems"][0]["ended_at"]

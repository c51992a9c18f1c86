"""What is wrong, on a terminal and for programs; the exit code says how bad."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.watch.rows import make_problem_row
from watch.catalogue import SOURCES
from watch.models import Look, Problem

pytestmark = pytest.mark.django_db


def look_at_all(*, ago: timedelta = timedelta(0)) -> None:
    for source in SOURCES:
        Look.objects.update_or_create(source=source.name, defaults={"looked_at": timezone.now() - ago})


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("problem_list", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_exit_code_is_the_worst_level() -> None:
    code, text = run()
    assert code == 1 and "manager" in text, "nobody has looked yet: that nothing is wrong is not known"
    look_at_all()
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
    look_at_all()
    assert run("--json")[0] == 0
    code, text = run("--ended", "--json")
    assert code == 0 and json.loads(text)["problems"][0]["ended_at"]


def test_what_nobody_looked_at_lately_is_not_called_right() -> None:
    look_at_all(ago=timedelta(minutes=4))
    document = json.loads(run("--json")[1])
    assert run()[0] == 1 and document["problems"] == []
    assert set(document["unlooked"]) == {source.name for source in SOURCES if source.every < timedelta(minutes=2)}

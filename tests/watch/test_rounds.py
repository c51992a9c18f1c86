"""Problems begin, change and end by what is seen, and a blind source ends nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from domain.findings import Level
from domain.states import InstanceState
from tests.rows import make_instance_row
from watch import rounds
from watch.catalogue import SOURCES
from watch.documents import list_problems
from watch.models import Look, Problem
from watch.rounds import run_round

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]
MINUTE = timedelta(minutes=1)


def find(code: str, subject: str) -> Problem:
    return Problem.objects.get(check_code=code, subject=subject)


def test_a_problem_begins_stands_and_ends() -> None:
    now = timezone.now()
    row = make_instance_row("saint-paul", state=InstanceState.FAILED)
    assert set(run_round(now=now)) == {source.name for source in SOURCES}
    problem = find("failed", "saint-paul")
    assert problem.since == now and problem.tenant == "saint-paul" and problem.level == "critical" and problem.link
    run_round(now=now + MINUTE)
    assert find("failed", "saint-paul").since == now and find("failed", "saint-paul").pk == problem.pk
    row.state = InstanceState.ACTIVE.value
    row.save()
    run_round(now=now + 2 * MINUTE)
    problem.refresh_from_db()
    assert problem.ended_at == now + 2 * MINUTE and problem.open_key is None
    row.state = InstanceState.FAILED.value
    row.save()
    run_round(now=now + 3 * MINUTE)
    assert Problem.objects.filter(check_code="failed").count() == 2
    assert [one.since for one in list_problems() if one.check_code == "failed"] == [now + 3 * MINUTE]


def test_a_source_is_looked_through_when_it_is_due_and_by_one_worker() -> None:
    now = timezone.now()
    first = run_round(now=now)
    assert run_round(now=now + timedelta(seconds=20)) == []
    seldom = {source.name for source in SOURCES if source.every > MINUTE}
    assert set(run_round(now=now + MINUTE)) == set(first) - seldom and seldom
    Look.objects.update(held_until=now + 3 * MINUTE)
    assert run_round(now=now + 2 * MINUTE) == []
    # Whoever held it has died; and after a clock that went back nothing waits for the future.
    assert set(run_round(now=now + 4 * MINUTE)) == set(first) - seldom
    assert set(run_round(now=now - timedelta(days=1))) == set(first)


def test_a_blind_source_ends_nothing_and_is_a_problem_until_it_sees_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    make_instance_row("saint-paul", state=InstanceState.FAILED)
    run_round(now=now)
    real = rounds.list_standing

    def refuse(source: Any, *, now: Any) -> Any:
        if source.name == "instances":
            raise RuntimeError("the table is gone")
        return real(source, now=now)

    monkeypatch.setattr(rounds, "list_standing", refuse)
    assert "work" in run_round(now=now + MINUTE)
    assert find("failed", "saint-paul").ended_at is None
    blind = find(rounds.BLIND, "instances")
    assert blind.ended_at is None and blind.level == "critical" and "gone" not in blind.title + blind.hint
    monkeypatch.setattr(rounds, "list_standing", real)
    assert "instances" in run_round(now=now + 2 * MINUTE)
    blind.refresh_from_db()
    assert blind.ended_at == now + 2 * MINUTE and find("failed", "saint-paul").ended_at is None


def test_what_becomes_worse_is_not_acknowledged_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    make_instance_row("saint-paul", state=InstanceState.FAILED)
    real = rounds.list_standing
    level = Level.WARNING
    monkeypatch.setattr(
        rounds, "list_standing", lambda source, *, now: [replace(one, level=level) for one in real(source, now=now)]
    )
    run_round(now=now)
    Problem.objects.update(acknowledged_until=now + timedelta(days=3))
    run_round(now=now + MINUTE)
    assert find("failed", "saint-paul").acknowledged_until is not None
    level = Level.CRITICAL
    run_round(now=now + 2 * MINUTE)
    assert find("failed", "saint-paul").acknowledged_until is None


def test_old_problems_are_forgotten() -> None:
    now = timezone.now()
    gone = {"check_code": "failed", "level": "critical", "since": now}
    Problem.objects.create(subject="old", ended_at=now - rounds.KEPT - MINUTE, **gone)
    Problem.objects.create(subject="young", ended_at=now - rounds.KEPT + MINUTE, **gone)
    run_round(now=now)
    assert set(Problem.objects.filter(ended_at__isnull=False).values_list("subject", flat=True)) == {"young"}


def test_the_number_of_queries_does_not_grow_with_the_parishes(django_assert_max_num_queries: Any) -> None:
    from django.db import connection

    now = timezone.now()
    make_instance_row("failed-0", state=InstanceState.FAILED)
    run_round(now=now)
    counts = []
    for number, at in enumerate((now + MINUTE, now + 2 * MINUTE)):
        for more in range(10 * number):
            make_instance_row(f"failed-{number}-{more}", state=InstanceState.FAILED)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            run_round(now=at)
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 2
    with django_assert_max_num_queries(counts[1]):
        run_round(now=now + 3 * MINUTE)

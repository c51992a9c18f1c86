"""Nobody answers: told a day before, ended after 72 hours; silence never approves."""

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from parish_requests import expiry
from parish_requests.deciding import ask_back
from parish_requests.expiry import expire_requests, register_warner
from parish_requests.models import RestoreRequest
from parish_requests.record import find_record_break
from parish_requests.running import advance_requests
from tests.parish_requests.cast import (
    HOUR,
    approve,
    list_lines,
    make_draft,
    make_parish,
    make_person,
    make_sent,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """References of what warners were told of."""
    heard: list[str] = []

    def warn(request: RestoreRequest) -> None:
        heard.append(request.reference)

    monkeypatch.setattr(expiry, "_warners", [])
    register_warner(warn)
    register_warner(warn)
    return heard


def test_unanswered_it_is_told_once_and_then_ends(warned: list[str]) -> None:
    now = timezone.now()
    request = make_sent(make_parish(), now=now)
    for hours, state, told in ((47, "submitted", 0), (48, "submitted", 1), (71, "submitted", 1), (72, "expired", 1)):
        assert expire_requests(now=now + hours * HOUR) == (state == "expired")
        request.refresh_from_db()
        assert (request.state, len(warned)) == (state, told), hours
    assert list_lines(request) == ["begun", "submit", "warned", "expire"] and find_record_break(request) is None
    assert request.ended_at == now + 72 * HOUR


def test_a_question_gives_the_time_anew(warned: list[str]) -> None:
    now, marc = timezone.now(), make_person()
    request = make_sent(make_parish(), now=now)
    expire_requests(now=now + 50 * HOUR)
    ask_back(request, "Depuis quand ?", person=marc, actor=make_staff(marc), now=now + 60 * HOUR)
    assert expire_requests(now=now + 80 * HOUR) == 0
    expire_requests(now=now + 110 * HOUR)
    assert len(warned) == 2, "of the new end too"
    assert expire_requests(now=now + 132 * HOUR) == 1


def test_a_draft_ends_untold(warned: list[str]) -> None:
    now = timezone.now()
    make_draft(make_parish(), now=now)
    assert expire_requests(now=now + 71 * HOUR) == 0 and warned == []
    assert expire_requests(now=now + 73 * HOUR) == 1


def test_what_was_approved_does_not_end(warned: list[str]) -> None:
    now = timezone.now()
    request = make_sent(make_parish(), now=now, wish="help")
    approve(request, make_person(), now=now)
    assert expire_requests(now=now + 500 * HOUR) == 0 and warned == []


def test_whoever_answers_in_that_moment_is_heard() -> None:
    """Somebody asks back between the look and the update: the time has begun anew, and nothing ends."""
    now = timezone.now()
    request = make_sent(make_parish(), now=now)
    late = now + 72 * HOUR
    answers = [lambda: RestoreRequest.objects.filter(pk=request.pk).update(expires_at=late + HOUR)]

    def execute(run: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith("SAVEPOINT") and answers:
            answers.pop()()
        return run(sql, *arguments)

    with connection.execute_wrapper(execute):
        assert expire_requests(now=late) == 0
    request.refresh_from_db()
    assert not answers and (request.state, list_lines(request)) == ("submitted", ["begun", "submit", "warned"])


def test_the_clock_ends_them() -> None:
    now = timezone.now()
    request = make_sent(make_parish(), now=now)
    advance_requests(now=now + 73 * HOUR)
    request.refresh_from_db()
    assert request.state == "expired"

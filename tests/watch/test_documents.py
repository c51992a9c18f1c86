"""Found by what names them; secrets stay inside."""

from datetime import UTC, datetime

import pytest

from domain.errors import CiviparoisseError
from tests.watch.rows import make_problem_row, make_recipient_row
from watch.documents import (
    NoticeSerializer,
    ProblemSerializer,
    RecipientSerializer,
    get_problem,
    get_recipient,
    list_problems,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_what_is_not_there_has_a_code() -> None:
    for ask, code in ((lambda: get_problem(7), "problem_unknown"), (lambda: get_recipient("x"), "recipient_unknown")):
        with pytest.raises(CiviparoisseError) as caught:
            ask()
        assert caught.value.code == code


def test_critical_comes_before_warnings_and_old_before_new() -> None:
    late = make_problem_row("old", "b", level="warning")
    first, second = make_problem_row("failed", "a"), make_problem_row("failed", "c", tenant="c")
    assert [row.pk for row in list_problems()] == [first.pk, second.pk, late.pk]
    assert [row.pk for row in list_problems(tenant="c")] == [second.pk]
    assert ProblemSerializer(get_problem(first.pk)).data["acknowledged_by"] is None


def test_a_recipient_is_described_without_its_secret() -> None:
    make_recipient_row("desk", kind="webhook", secret="whsec_geheim")
    assert "geheim" not in str(RecipientSerializer(get_recipient("desk")).data)


def test_a_document_names_what_is_stable() -> None:
    document = NoticeSerializer(make_problem_row(tenant="saint-paul", since=NOON)).data
    assert (document["check"], document["subject"], document["tenant"]) == ("failed", "saint-paul", "saint-paul")
    assert document["since"] == "2026-11-30T12:00:00+00:00" and document["ended_at"] is None
    assert document["link"] is None

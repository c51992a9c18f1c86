"""Lines for people."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils.translation import override

from tests.watch.rows import make_problem_row
from watch.notices.texts import MOST_LINES, get_link, render_lines

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_the_worst_comes_first_and_the_rest_is_counted() -> None:
    rows = [make_problem_row("old", f"w{number:03}", level="warning", since=NOON) for number in range(MOST_LINES)]
    rows.append(make_problem_row("failed", "worst", since=NOON))
    with override("en"):
        text = render_lines(rows)
    assert text.startswith("- worst") and "and 1 more" in text and text.count("\n- ") == MOST_LINES


def test_links_are_whole_or_absent(settings: Any) -> None:
    problem = make_problem_row(link="/admin/x/", hint="do it", since=NOON)
    settings.PUBLIC_URL = ""
    assert get_link(problem) == ""
    settings.PUBLIC_URL = "https://manager.example.org"
    assert get_link(problem) == "https://manager.example.org/admin/x/" and get_link(problem) in render_lines([problem])
    assert "do it" in render_lines([problem])

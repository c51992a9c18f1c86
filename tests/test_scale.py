"""Nothing that is asked of the database grows with the number of parishes: no page, no answer of the API, no task."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from engine import registry
from tests.many_parishes import CYCLE
from tests.scale_place import Place, list_tasks
from tests.tenants.conftest import defaults

__all__ = ["defaults"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]
FEW, MANY = CYCLE, 3 * CYCLE
# Caches that are filled by the first look, and what ends in between.
SLACK = 3
# The production checklist answers for each parish by itself, on the page and in the API: some 33 questions for each.
GROWING_PAGES = {"checklist", "checklist-list"}
# Pages of one row that only ask whether to go on, and what happened to it.
ONE_ROW = ("_history", "_delete")


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    """A manager whose parishes run on the paper engine alone."""
    monkeypatch.setattr(registry, "_factories", {})
    return Place(now=timezone.now())


def count(work: Callable[[], object]) -> int:
    """Return how many queries it takes."""
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


def find_growth(few: dict[str, int], many: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Return what takes more queries with more parishes, from how many to how many."""
    return {name: (few[name], many[name]) for name in few if many[name] > few[name] + SLACK}


def count_pages(place: Place) -> dict[str, int]:
    """Return the queries of every page and of every answer of the API."""
    return {
        name: count(lambda address=address: place.get(address))
        for name, address in place.list_addresses()
        if not name.endswith(ONE_ROW)
    }


def count_tasks(place: Place) -> dict[str, int]:
    """Return the queries of every periodic task, everything being due and nothing new."""
    counts = {}
    for name, task in list_tasks().items():
        place.make_due()
        task()
        place.make_due()
        counts[name] = count(task)
    return counts


def test_no_page_asks_more_of_the_database_for_more_parishes(place: Place) -> None:
    place.fill(FEW)
    few = count_pages(place)
    place.fill(MANY)
    assert set(find_growth(few, count_pages(place))) == GROWING_PAGES


def test_no_periodic_task_asks_more_of_the_database_for_more_parishes(place: Place) -> None:
    place.fill(FEW)
    few = count_tasks(place)
    place.fill(MANY)
    assert find_growth(few, count_tasks(place)) == {}

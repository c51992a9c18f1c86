"""What changed the costs stands under its month."""

from datetime import datetime

import pytest

from domain.states import OperationKind
from finops.calendar import PARIS, Month
from finops.pages.marks import PRICED, RESIZED, STOPPED, list_mark_words, list_marks
from operations.models import Operation
from tenants.models import Instance
from tests.finops.cases import make_sheet
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
FIRST, LAST = Month(2025, 12), Month(2026, 11)


def end(kind: str, slug: str, at: datetime, *, by: str = "jeanne", state: str = "succeeded") -> None:
    instance = Instance.objects.filter(identifier=slug).first() or make_instance_row(slug)
    Operation.objects.create(kind=kind, instance=instance, subject=slug, requested_by=by, state=state, ended_at=at)


def test_resizes_stops_and_prices_are_marked_in_the_month_in_paris() -> None:
    end(OperationKind.RESIZE, "saint-paul", datetime(2026, 3, 31, 23, 30, tzinfo=PARIS))
    end(OperationKind.SUSPEND, "sainte-marie", datetime(2026, 4, 1, 0, 30, tzinfo=PARIS))
    make_sheet(valid_from=datetime(2026, 4, 1).date())
    found = list_marks(FIRST, LAST)
    assert [mark.symbol for mark in found[Month(2026, 3)]] == [RESIZED]
    assert {mark.symbol for mark in found[Month(2026, 4)]} == {STOPPED, PRICED}
    assert "saint-paul" in found[Month(2026, 3)][0].text


def test_what_failed_was_backed_up_or_is_another_s_changes_nothing() -> None:
    march = datetime(2026, 3, 5, tzinfo=PARIS)
    end(OperationKind.RESIZE, "saint-paul", march, state="failed")
    end(OperationKind.BACKUP, "saint-paul", march)
    end(OperationKind.RESUME, "saint-paul", march, by="manager")
    end(OperationKind.RESIZE, "sainte-marie", march)
    end(OperationKind.RESIZE, "sainte-marie", datetime(2025, 11, 30, tzinfo=PARIS))
    assert {month: len(marks) for month, marks in list_marks(FIRST, LAST).items()} == {Month(2026, 3): 1}
    assert list_marks(FIRST, LAST, tenant="saint-paul") == {}


def test_every_symbol_has_its_word() -> None:
    assert {symbol for symbol, _text in list_mark_words()} >= {RESIZED, STOPPED, PRICED}

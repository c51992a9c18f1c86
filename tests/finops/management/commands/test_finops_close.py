"""Closing a month asks twice, and closes for good."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from finops.calendar import Month, compute_month
from finops.models import ClosedMonth, PriceLine
from tests.backups.commands import run_command, run_json
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded

pytestmark = pytest.mark.django_db


@pytest.fixture
def month(db: None) -> Month:  # noqa: ARG001 - the database must be there
    """The month that is over, in which a parish ran."""
    make_sheet(engine="")
    last = compute_month(timezone.now()).add(-1)
    make_recorded(since=datetime.fromtimestamp(last.start, tz=UTC))
    return last


def test_it_is_shown_then_confirmed_then_final(month: Month) -> None:
    code, shown = run_json("finops_close", str(month), "--dry-run")
    assert code == 0 and shown["closed_at"] is None and not ClosedMonth.objects.exists()
    code, refused = run_json("finops_close", str(month))
    assert (code, refused["error"]["code"]) == (1, "closing_unconfirmed")
    code, closed = run_json("finops_close", str(month), "--confirm", str(month))
    assert code == 0 and closed["closed_at"] and closed["bill"] == shown["bill"]
    PriceLine.objects.update(amount=9)
    assert run_json("finops_report", "--month", str(month))[1]["bill"] == shown["bill"], "whatever is priced later"
    assert run_json("finops_close", str(month), "--confirm", str(month))[1]["error"]["code"] == "month_closed"


def test_the_invoice_of_a_closed_month_gives_the_factor(month: Month) -> None:
    assert run_json("finops_close", str(month), "--invoice", "50")[1]["error"]["code"] == "month_not_closed"
    run_json("finops_close", str(month), "--confirm", str(month))
    code, document = run_json("finops_close", str(month), "--invoice", "50,25")
    assert code == 0 and document["invoice_total"] == "50.25"
    assert Decimal(document["factor"]) == (Decimal("50.25") / Decimal(document["bill"])).quantize(Decimal("0.0001"))
    assert run_json("finops_close", str(month), "--invoice", "x")[1]["error"]["code"] == "invalid_value"
    assert "50.25" in run_command("finops_close", str(month), "--invoice", "50.25")[1]


def test_a_month_that_is_not_over_is_not_closed(month: Month) -> None:
    now = str(month.add(1))
    assert run_json("finops_close", now, "--confirm", now)[1]["error"]["code"] == "month_not_over"
    assert run_json("finops_close", now, "--dry-run")[1]["error"]["code"] == "month_not_over"

"""Closing a month: its figures become rows that never change, whatever is learnt or priced later."""

from dataclasses import fields
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError, InvalidValue
from finops.calendar import Month, compute_second
from finops.models import ClosedLine, ClosedMonth
from finops.months.costs import CostLine, MonthCosts, make_month_costs, read_closed_month
from tenants.models import Tenant

LINE_FIELDS = tuple(field.name for field in fields(CostLine) if field.name not in ("price_sheet", "tenant_name"))
MOST_INVOICED = Decimal(10) ** 12
BATCH = 1000


def close_month(month: Month, *, by: str, now: datetime) -> MonthCosts:
    """Make the figures of `month` final and return them. Raise CiviparoisseError `month_not_over`, `month_closed` when
    it was closed before, or what makes its costs impossible to compute."""
    if month.end > compute_second(now):
        raise CiviparoisseError("month_not_over", month=str(month))
    costs = make_month_costs(month, until=month.end)
    try:
        with transaction.atomic():
            closed = _write(costs, by=by, now=now)
    except IntegrityError:
        raise CiviparoisseError("month_closed", month=str(month)) from None
    return read_closed_month(closed)


def _write(costs: MonthCosts, *, by: str, now: datetime) -> ClosedMonth:
    closed = ClosedMonth.objects.create(
        month=str(costs.month),
        hours=costs.hours,
        currency=costs.currency,
        vat_included=costs.vat_included,
        bill=costs.bill,
        closed_at=now,
        closed_by=by,
    )
    names = dict(Tenant.objects.values_list("slug", "name"))
    ClosedLine.objects.bulk_create(
        (
            ClosedLine(
                month=closed,
                price_sheet_id=line.price_sheet,
                tenant_name=names.get(line.tenant, ""),
                **{name: getattr(line, name) for name in LINE_FIELDS},
            )
            for line in costs.lines
        ),
        batch_size=BATCH,
    )
    return closed


def enter_invoice(month: Month, total: Decimal) -> MonthCosts:
    """Note what the provider invoiced for a closed month, and return its figures with the factor invoiced / calculated.
    Raise CiviparoisseError `month_not_closed`, or InvalidValue for what is no amount."""
    if not total.is_finite() or not 0 <= total < MOST_INVOICED or total != total.quantize(Decimal("0.01")):
        raise InvalidValue(field="invoice_total", reason=_("give an amount of money, at most two decimals."))
    closed = ClosedMonth.objects.filter(month=str(month)).first()
    if closed is None:
        raise CiviparoisseError("month_not_closed", month=str(month))
    closed.invoice_total = total
    closed.save(update_fields=["invoice_total"])
    return read_closed_month(closed)

"""Months of costs as documents for the doors (REST, --json). Money is text: a float is no amount."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from civiparoisse.document_fields import AmountByNameField, AmountField, Document, TimeField
from finops.calendar import Month, compute_month
from finops.months.forecast import compute_forecast
from finops.months.reports import MonthReader, make_month_report
from finops.prices.pricing import CostKind


class SecondField(TimeField):
    """A moment that is kept as a second of the epoch, in UTC."""

    def to_representation(self, value: int) -> str:  # type: ignore[override]
        """Return the text."""
        return super().to_representation(datetime.fromtimestamp(value, tz=UTC))


class ParishCostsSerializer(Document):
    """One parish in one month. `groups`: by part of the bill."""

    tenant = serializers.CharField()
    name = serializers.CharField()
    total = AmountField()
    previous = AmountField(allow_null=True)
    budget = AmountField(allow_null=True)
    groups = AmountByNameField()


class ForecastSerializer(Document):
    """What the month will have cost at its end."""

    bill = AmountField()
    parishes = AmountByNameField()


class MonthReportSerializer(Document):
    """One month: parishes, idle and overhead add up to the bill. `forecast`: while the month lasts."""

    month = serializers.CharField(source="costs.month")
    hours = serializers.IntegerField(source="costs.hours")
    counted_until = SecondField(source="costs.until")
    closed_at = TimeField(source="costs.closed_at", allow_null=True)
    currency = serializers.CharField(source="costs.currency")
    vat_included = serializers.BooleanField(source="costs.vat_included")
    bill = AmountField(source="costs.bill")
    previous = AmountField(allow_null=True)
    budget = AmountField(allow_null=True)
    idle = AmountField(source="costs.idle")
    overhead = AmountField(source="costs.overhead")
    invoice_total = AmountField(source="costs.invoice_total", allow_null=True)
    factor = AmountField(source="costs.factor", allow_null=True)
    forecast = ForecastSerializer(allow_null=True)
    groups = AmountByNameField()
    parishes = ParishCostsSerializer(many=True)


class TrendMonthSerializer(Document):
    """One month of twelve. `total`, `groups`: null where there are no prices, which is not a cost of 0."""

    month = serializers.CharField()
    is_closed = serializers.BooleanField()
    total = AmountField(allow_null=True)
    groups = AmountByNameField(allow_null=True)


@extend_schema_serializer(many=False)
class TrendSerializer(Document):
    """The twelve months up to now."""

    months = TrendMonthSerializer(many=True)


class CostLineSerializer(Document):
    """One line of a month's cost; `exact`: before rounding to the cent."""

    tenant = serializers.CharField()
    instance = serializers.CharField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in CostKind])
    component = serializers.CharField()
    storage_class = serializers.CharField()
    quantity = AmountField()
    unit = serializers.CharField()
    exact = AmountField()
    amount = AmountField()
    price_sheet = serializers.IntegerField()


class CostLinesSerializer(Document):
    """Every line of a month."""

    month = serializers.CharField()
    lines = CostLineSerializer(many=True)


def make_report_document(month: Month, *, now: datetime) -> dict[str, Any]:
    """Return the report of `month` with its forecast while it lasts. Raise CiviparoisseError as the costs do."""
    report = make_month_report(month, MonthReader(now=now))
    forecast = compute_forecast(month, now=now) if month == compute_month(now) else None
    return dict(MonthReportSerializer(replace(report, forecast=forecast)).data)

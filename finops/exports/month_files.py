"""A month as a file, in every format, from the same lines."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from finops.calendar import PARIS, Month
from finops.exports.csv_files import format_excel_csv, format_machine_csv
from finops.exports.focus import Charge, format_focus_csv
from finops.exports.sheets import Column, ColumnKind, Sheet
from finops.exports.workbooks import make_workbook
from finops.months.costs import CostLine, MonthCosts
from finops.months.groups import Group
from finops.months.reports import MonthReader, MonthReport, make_month_report
from finops.wording.words import GROUPS, KINDS, word_component, word_unit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def make_sheet(report: MonthReport) -> Sheet:
    """Return a row a parish, what no parish pays, and the bill."""
    costs = report.costs
    columns = (
        Column(name="tenant", label=_("Sub-domain")),
        Column(name="name", label=_("Parish")),
        *(Column(name=group.value, label=GROUPS[group], kind=ColumnKind.MONEY) for group in Group),
        Column(name="total", label=_("Total"), kind=ColumnKind.MONEY),
        Column(name="previous", label=_("Month before"), kind=ColumnKind.MONEY),
        Column(name="budget", label=_("Budget"), kind=ColumnKind.MONEY),
    )
    zero = costs.bill * 0
    rows: list[tuple[Any, ...]] = [
        (
            parish.tenant,
            parish.name,
            *(parish.groups.get(group, zero) for group in Group),
            parish.total,
            parish.previous,
            parish.budget,
        )
        for parish in report.parishes
    ]
    rows += [
        ("", name, *(amount if group is part else zero for group in Group), amount, None, None)
        for name, part, amount in (
            (_("Reserved by no parish"), Group.IDLE, costs.idle),
            (_("Shared, with nobody to share it"), Group.SHARED, costs.overhead),
        )
        if amount
    ]
    total = ("", _("Total"), *(report.groups.get(group, zero) for group in Group), costs.bill, report.previous)
    return Sheet(
        title=str(costs.month),
        columns=columns,
        rows=rows,
        total=(*total, report.budget),
        currency=costs.currency or "EUR",
        notes=_list_notes(costs),
    )


def make_lines_sheet(costs: MonthCosts) -> Sheet:
    """Return every line, quantities beside money."""
    columns = (
        Column(name="tenant", label=_("Sub-domain")),
        Column(name="instance", label=_("Instance")),
        Column(name="kind", label=_("Kind")),
        Column(name="component", label=_("Component")),
        Column(name="storage_class", label=_("Storage class")),
        Column(name="quantity", label=_("Quantity"), kind=ColumnKind.NUMBER),
        Column(name="unit", label=_("Unit")),
        Column(name="amount", label=_("Amount"), kind=ColumnKind.MONEY),
    )
    rows = [
        (
            line.tenant,
            line.instance,
            str(KINDS[line.kind]),
            word_component(line.component),
            line.storage_class,
            line.quantity,
            word_unit(line.unit),
            line.amount,
        )
        for line in costs.lines
    ]
    total = (_("Total"), None, None, None, None, None, None, costs.bill)
    return Sheet(title=_("Lines"), columns=columns, rows=rows, total=total, currency=costs.currency or "EUR")


def _list_notes(costs: MonthCosts) -> tuple[str, ...]:
    notes = [_("VAT included") if costs.vat_included else _("without VAT")]
    if costs.closed_at is None:
        notes.append(_("Not closed: these figures may still change."))
    if costs.invoice_total is not None and costs.factor is not None:
        text = _("Invoiced: %(invoiced)s; invoiced / calculated: %(factor)s.")
        notes.append(text % {"invoiced": costs.invoice_total, "factor": costs.factor})
    return tuple(notes)


def list_charges(costs: MonthCosts) -> list[Charge]:
    """Return the month's lines as FOCUS sees them."""
    names = costs.list_names()
    return [_make_charge(line, costs, names) for line in costs.lines]


def _make_charge(line: CostLine, costs: MonthCosts, names: Mapping[str, str]) -> Charge:
    start, end, until = (_moment(second) for second in (costs.month.start, costs.month.end, costs.until))
    return Charge(
        period_start=start,
        period_end=end,
        charge_start=start,
        charge_end=until,
        currency=costs.currency,
        tenant=line.tenant,
        tenant_name=names.get(line.tenant, ""),
        instance=line.instance,
        kind=line.kind,
        component=line.component,
        storage_class=line.storage_class,
        quantity=line.quantity,
        unit=line.unit,
        exact=line.exact,
        amount=line.amount,
        price_sheet=line.price_sheet,
    )


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, tz=UTC).astimezone(PARIS)


def _make_workbook(report: MonthReport) -> bytes:
    return make_workbook([make_sheet(report), make_lines_sheet(report.costs)])


# Format -> (what makes it, its type, the name's ending).
FILES: Mapping[str, tuple[Callable[[MonthReport], str | bytes], str, str]] = {
    "csv": (lambda report: format_excel_csv(make_sheet(report)), CSV, "csv"),
    "machine": (lambda report: format_machine_csv(make_sheet(report)), CSV, "machine.csv"),
    "xlsx": (_make_workbook, XLSX, "xlsx"),
    "focus": (lambda report: format_focus_csv(list_charges(report.costs)), CSV, "focus.csv"),
}


def make_file(month: Month, form: str, *, now: datetime) -> tuple[str | bytes, str, str]:
    """Return a month's file, its type and its name. `form`: a key of FILES. Raise CiviparoisseError as the costs do."""
    write, media_type, ending = FILES[form]
    content = write(make_month_report(month, MonthReader(now=now)))
    return content, media_type, f"civiparoisse-{month}.{ending}"

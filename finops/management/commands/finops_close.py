"""Close a month: its figures never change afterwards. Enter the provider's invoice of one that is closed."""

import sys
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import CiviparoisseError, InvalidValue
from finops.calendar import Month, compute_second, parse_month
from finops.models import ClosedMonth
from finops.months.closing import close_month, enter_invoice
from finops.months.costs import compute_month_costs
from finops.months.documents import make_report_document
from finops.wording.formats import format_money
from operations.commands import DocumentCommand, get_requester


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy(
        "Close a month for good (--dry-run shows it first), or enter the invoice of a closed one (--invoice 123,45)."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the month, the confirmation and the invoice."""
        parser.add_argument("month", help=_("such as 2026-03"))
        parser.add_argument("--dry-run", action="store_true", help=_("show the figures, close nothing"))
        parser.add_argument("--confirm", default="", metavar="MONTH", help=_("the month, once more"))
        parser.add_argument("--invoice", metavar="AMOUNT", help=_("what the provider invoiced for a closed month"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the month's report, closed or as it would be."""
        now, month = timezone.now(), parse_month(options["month"])
        if options["invoice"]:
            enter_invoice(month, parse_amount(options["invoice"]))
        elif options["dry_run"]:
            refuse_unclosable(month, now=compute_second(now))
        else:
            refuse_unclosable(month, now=compute_second(now))
            self._confirm(month, options)
            close_month(month, by=get_requester(), now=now)
        return {"dry_run": options["dry_run"], **make_report_document(month, now=now)}

    def _confirm(self, month: Month, options: dict[str, Any]) -> None:
        given = options["confirm"]
        if not given and sys.stdin.isatty() and not options["as_json"]:
            bill = compute_month_costs(month, now=timezone.now())
            self.stdout.write(format_money(bill.bill, bill.currency or "EUR"))
            given = input(
                _("Its figures will never change again. Type %(month)s to go on: ") % {"month": month}
            ).strip()
        if given != str(month):
            raise CiviparoisseError("closing_unconfirmed", month=str(month))

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what the month costs, and whether it is closed."""
        text = _("%(month)s: %(bill)s %(currency)s, not closed.")
        if answer["closed_at"]:
            text = _("%(month)s: %(bill)s %(currency)s, closed.")
        lines = [text % answer]
        if answer["factor"]:
            lines.append(_("Invoiced: %(invoice_total)s; invoiced / calculated: %(factor)s.") % answer)
        return "\n".join(lines)


def refuse_unclosable(month: Month, *, now: int) -> None:
    """Raise CiviparoisseError `month_not_over` or `month_closed`."""
    if ClosedMonth.objects.filter(month=str(month)).exists():
        raise CiviparoisseError("month_closed", month=str(month))
    if month.end > now:
        raise CiviparoisseError("month_not_over", month=str(month))


def parse_amount(text: str) -> Decimal:
    """Return an amount typed with a comma or a dot. Raise InvalidValue."""
    try:
        return Decimal(text.replace(",", ".", 1))
    except InvalidOperation as error:
        raise InvalidValue(field="invoice", reason=_("give an amount of money, at most two decimals.")) from error

"""Tell what a month would cost if…, every scenario beside the fleet as it is now."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finops.exports.sheets import Column, ColumnKind, Sheet
from finops.exports.tables import format_table
from finops.pages.scenarios_view import word_question
from finops.prices.rounding import round_to_cent
from finops.scenarios.comparison import PARAMETERS, Comparison, compare, parse_asked
from finops.scenarios.documents import ComparisonSerializer
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy(
        "Price the fleet as it is and as it could be: over-commit, one MySQL, PHP-FPM, other plan or prices, nights."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the parameters of the questions."""
        for name, text in PARAMETERS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar="VALUE", help=_(text))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the comparison. Raise CiviparoisseError for a wrong parameter or a fleet that cannot be priced."""
        asked = parse_asked({name: options[name] for name in PARAMETERS if options[name]})
        self.comparison = compare(asked, now=timezone.now())
        return ComparisonSerializer(self.comparison).data

    def format_answer(self, _answer: dict[str, Any]) -> str:
        """Return a table, a row a scenario."""
        return format_table(make_scenario_sheet(self.comparison))


def make_scenario_sheet(comparison: Comparison) -> Sheet:
    """Return the scenarios as a sheet: total and difference of each."""
    base = round_to_cent(comparison.now.total)
    rows: list[tuple[Any, ...]] = [(_("As it is now"), base, None)]
    for scenario in comparison.scenarios:
        total = None if scenario.outcome is None else round_to_cent(scenario.outcome.total)
        rows.append((word_question(scenario, comparison.currency), total, None if total is None else total - base))
    columns = (
        Column(name="question", label=_("What if")),
        Column(name="total", label=_("Total"), kind=ColumnKind.MONEY),
        Column(name="difference", label=_("Difference"), kind=ColumnKind.MONEY),
    )
    notes = tuple(scenario.error.message for scenario in comparison.scenarios if scenario.error is not None)
    return Sheet(
        title=_("A whole month, everything else as it is now"),
        columns=columns,
        rows=rows,
        currency=comparison.currency or "EUR",
        notes=notes,
    )

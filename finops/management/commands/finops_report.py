"""Tell what a month costs, each parish and all, on the terminal or as a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import CiviparoisseError, InvalidValue
from finops.calendar import compute_month, parse_month
from finops.exports.month_files import make_file, make_sheet
from finops.exports.tables import format_table
from finops.months.documents import make_report_document
from finops.months.reports import MonthReader, make_month_report
from operations.commands import DocumentCommand

FORMATS = ("table", "json", "csv", "xlsx", "focus")


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy(
        "Tell what a month costs: a table, JSON, CSV for French Excel (or --machine), a workbook, or FOCUS 1.3."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the month and the format."""
        parser.add_argument("--month", help=_("such as 2026-03; the present one if not given"))
        parser.add_argument("--format", choices=FORMATS, default="table", dest="form")
        parser.add_argument("--machine", action="store_true", help=_("CSV for programs: comma, dot, names, no total"))
        parser.add_argument("--output", metavar="FILE", help=_("write there instead of to standard output"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer; --format json is --json."""
        options["as_json"] = options["as_json"] or options["form"] == "json"
        super().handle(*args, **options)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the report, or the file that was written. Raise CiviparoisseError as the costs do."""
        now = timezone.now()
        month = parse_month(options["month"]) if options["month"] else compute_month(now)
        form = options["form"]
        if options["as_json"]:
            return make_report_document(month, now=now)
        if form == "table":
            return {"table": format_table(make_sheet(make_month_report(month, MonthReader(now=now))))}
        if form == "xlsx" and not options["output"]:
            raise InvalidValue(field="output", reason=_("a workbook needs a file: --output costs.xlsx."))
        machine = form == "csv" and options["machine"]
        content, _type, _name = make_file(month, "machine" if machine else form, now=now)
        if options["output"]:
            return {"file": write_file(options["output"], content)}
        self.stdout.write(str(content), ending="")
        return {}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the table, or where the file is."""
        if "file" in answer:
            return _("Written: %(file)s") % {"file": answer["file"]}
        return str(answer.get("table", ""))


def write_file(path: str, content: str | bytes) -> str:
    """Write a file whole and return its path. Raise CiviparoisseError `file_not_written` when the place refuses it."""
    try:
        Path(path).write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise CiviparoisseError("file_not_written", file=path, detail=error.strerror or type(error).__name__) from error
    return path

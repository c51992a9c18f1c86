"""What is written for the page's program is what it reads."""

from datetime import UTC, datetime

from domain.closed_page import ClosedPage, format_closed_page
from programs.closed_page import Pages, parse_pages

BACK_AT = datetime(2026, 11, 30, 13, 31, tzinfo=UTC)


def test_the_program_reads_what_is_written() -> None:
    page = ClosedPage(page="fermé à 14:31, «ü» </script>", late_page="plus long", back_at=BACK_AT)
    told = parse_pages(format_closed_page(page))
    assert told == Pages(page.page, page.late_page, BACK_AT.timestamp())


def test_nothing_is_promised_where_nothing_is_known() -> None:
    assert parse_pages(format_closed_page(ClosedPage(page="a", late_page="a"))).back_at is None

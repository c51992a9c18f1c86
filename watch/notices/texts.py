"""How a problem reads in a message for people. No value that an instance gave."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civiparoisse.presentation import format_time
from domain.findings import Level
from watch.models import Problem

# A mail that nobody reads to its end tells nothing; the page has all of it.
MOST_LINES = 40


def get_link(problem: Problem) -> str:
    """Return the page where it is shown; "" where the service does not know its own address."""
    return f"{settings.PUBLIC_URL}{problem.link}" if settings.PUBLIC_URL and problem.link else ""


def render_lines(problems: Iterable[Problem]) -> str:
    """Return a paragraph for each problem, the worst first."""
    rows = sorted(problems, key=lambda row: (row.level != Level.CRITICAL.value, row.title, row.name))
    paragraphs = []
    for row in rows[:MOST_LINES]:
        name = f"{row.name}{_(':')} " if row.name else ""
        lines = [f"- {name}{row.title}", f"  {_('since %(time)s') % {'time': format_time(row.since)}}"]
        if row.ended_at is not None:
            lines[-1] += f", {_('until %(time)s') % {'time': format_time(row.ended_at)}}"
        lines += [f"  {text}" for text in (row.hint if row.ended_at is None else "", get_link(row)) if text]
        paragraphs.append("\n".join(lines))
    left = len(rows) - MOST_LINES
    if left > 0:
        paragraphs.append("- " + ngettext("and %(count)s more", "and %(count)s more", left) % {"count": left})
    return "\n".join(paragraphs)

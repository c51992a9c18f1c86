"""Months as people write them short: «janv.», «juil.», never two that look alike."""

from django.utils.translation import pgettext_lazy

SHORT_MONTHS = (
    pgettext_lazy("short month", "Jan."),
    pgettext_lazy("short month", "Feb."),
    pgettext_lazy("short month", "March"),
    pgettext_lazy("short month", "April"),
    pgettext_lazy("short month", "May"),
    pgettext_lazy("short month", "June"),
    pgettext_lazy("short month", "July"),
    pgettext_lazy("short month", "Aug."),
    pgettext_lazy("short month", "Sept."),
    pgettext_lazy("short month", "Oct."),
    pgettext_lazy("short month", "Nov."),
    pgettext_lazy("short month", "Dec."),
)


def write_short_month(year: int, month: int) -> str:
    """Return «janv. 26» in the active language, for the axis of a chart."""
    return f"{SHORT_MONTHS[month - 1]} {year % 100:02d}"

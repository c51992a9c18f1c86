"""How sizes, times and progress are worded for people, in the active language."""

from datetime import datetime, timedelta

from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format, number_format
from django.utils.html import avoid_wrapping, format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

NOTHING = "–"
# Colours of unfold's badges.
GOOD, BAD, DOUBTFUL, BUSY, QUIET = "success", "danger", "warning", "info", "default"


def format_size(count: int | None) -> str:
    """Return bytes as e.g. «12,3 Mio» (powers of 1024); a dash for None."""
    return NOTHING if count is None else filesizeformat(count)


def format_count(count: int | None) -> str:
    """Return a number with the language's separators; a dash for None."""
    return NOTHING if count is None else number_format(count, force_grouping=True)


def format_time(moment: datetime | None) -> str:
    """Return a time of the local zone, on one line; a dash for None."""
    return NOTHING if moment is None else avoid_wrapping(date_format(localtime(moment), "SHORT_DATETIME_FORMAT"))


def format_age(moment: datetime | None, *, now: datetime) -> str:
    """Return how long ago `moment` was, in its largest unit; a dash for None."""
    if moment is None:
        return NOTHING
    if now - moment < timedelta(minutes=1):
        return _("just now")
    return avoid_wrapping(_("%(age)s ago") % {"age": timesince(moment, now, depth=1)})


def format_duration(seconds: float | None) -> str:
    """Return a duration as e.g. «4 s», «2 min 05 s», «1 h 30 min»; a dash for None."""
    if seconds is None:
        return NOTHING
    whole = max(0, round(seconds))
    if whole < 60:
        text = _("%(seconds)s s") % {"seconds": whole}
    elif whole < 3600:
        text = _("%(minutes)s min %(seconds)s s") % {"minutes": whole // 60, "seconds": f"{whole % 60:02}"}
    else:
        text = _("%(hours)s h %(minutes)s min") % {"hours": whole // 3600, "minutes": f"{whole % 3600 // 60:02}"}
    return avoid_wrapping(text)


def measure_seconds(started: datetime | None, ended: datetime | None, *, now: datetime) -> float | None:
    """Return how long something took, or has taken so far; None when it has not begun."""
    return None if started is None else ((ended or now) - started).total_seconds()


def make_progress(percent: int, text: str = "") -> SafeString:
    """Return a progress bar with its figure, and `text` before it."""
    label = _("%(percent)s %%") % {"percent": percent}
    return format_html(
        '<span class="cp-progress">{}<progress max="100" value="{}">{}</progress><span>{}</span></span>',
        text,
        percent,
        label,
        label,
    )

"""Why a set stays or goes, in sentences."""

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.sets.retention import Decision, Reason, Why

WHY: dict[Why, Any] = {
    Why.NEWEST: gettext_lazy("the newest good one of its scope"),
    Why.PROVEN: gettext_lazy("the newest one proven by restoring"),
    Why.LAST_COPY: gettext_lazy("nothing better is left"),
    Why.PINNED: gettext_lazy("pinned"),
    Why.HELD: gettext_lazy("being read by %(name)s"),
    Why.SAFETY: gettext_lazy("safety copy, until %(until)s"),
    Why.FINAL: gettext_lazy("final copy, until %(until)s"),
    Why.FUTURE: gettext_lazy("dated in the future: look at the clocks"),
    Why.WITHIN: gettext_lazy("of the last days, until %(until)s"),
    Why.LAST: gettext_lazy("one of the last ones"),
    Why.DAILY: gettext_lazy("the set of the day %(period)s"),
    Why.WEEKLY: gettext_lazy("the set of the week %(period)s"),
    Why.MONTHLY: gettext_lazy("the set of the month %(period)s"),
    Why.YEARLY: gettext_lazy("the set of the year %(period)s"),
    Why.NO_RULE: gettext_lazy("newer sets stand for every day, week, month and year that is kept"),
    Why.TIME_OVER: gettext_lazy("the time of a copy of its kind is over"),
    Why.NOT_GOOD: gettext_lazy("it cannot be restored, and a newer one can"),
}
PINNED_UNTIL = gettext_lazy("pinned until %(until)s")


def describe_reasons(decision: Decision) -> list[str]:
    """Return the reasons of a decision, in words."""
    return [_describe(reason) for reason in decision.reasons]


def describe_fate(decision: Decision, goes_at: datetime | None) -> str:
    """Return in a sentence whether a set stays, until when as far as is foreseen, and why."""
    names = {"reasons": ", ".join(describe_reasons(decision)), "date": _write_day(goes_at)}
    if not decision.keep:
        return _("Goes now: %(reasons)s.") % names
    if goes_at is None:
        return _("Kept: %(reasons)s.") % names
    return _("Kept: %(reasons)s. Goes on %(date)s, when newer ones stand for it.") % names


def _describe(reason: Reason) -> str:
    text = PINNED_UNTIL if reason.why is Why.PINNED and reason.until else WHY[reason.why]
    return str(text) % {"name": reason.name, "period": reason.period, "until": _write_day(reason.until)}


def _write_day(moment: datetime | None) -> str:
    return date_format(localtime(moment), "DATE_FORMAT") if moment else ""

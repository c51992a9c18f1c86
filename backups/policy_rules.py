"""What a backup policy may say. The database holds what it can; lists are judged by these functions."""

from django.core.exceptions import ValidationError
from django.db.models import BaseConstraint, CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _

from domain.schedules import BACKUP_HOURS, ISO_WEEKDAYS, LAST_MONTH_DAY

MOST_DAYS = 36500
MOST_SETS = 1000
MOST_COPIES = 10
KEEPS = ("keep_last", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly")
COUNTS = (*KEEPS, "keep_within_days")
MOST_COUNTS = {**dict.fromkeys(KEEPS, MOST_SETS), "keep_within_days": MOST_DAYS}

POLICY_RULES: list[BaseConstraint] = [
    CheckConstraint(
        condition=Q(**{f"{name}__lte": MOST_SETS for name in KEEPS})
        & Q(keep_within_days__lte=MOST_DAYS, safety_days__lte=MOST_DAYS, final_days__lte=MOST_DAYS),
        name="policy_counts_within_bounds",
        violation_error_message=_("Keep at most 1000 sets of a kind, and for at most 36500 days."),
    ),
    CheckConstraint(
        condition=Q(keep_last__gt=0)
        | Q(keep_daily__gt=0)
        | Q(keep_weekly__gt=0)
        | Q(keep_monthly__gt=0)
        | Q(keep_yearly__gt=0)
        | Q(keep_within_days__gt=0),
        name="policy_keeps_something",
        violation_error_message=_("A policy must keep something: the last ones, or some days, weeks, months or years."),
    ),
    CheckConstraint(
        condition=Q(copies_wanted__lte=MOST_COPIES),
        name="policy_copies_within_bounds",
        violation_error_message=_("Ask for copies in at most 10 places."),
    ),
    CheckConstraint(
        condition=Q(safety_days__gte=1, final_days__gte=1),
        name="policy_keeps_safety_copies",
        violation_error_message=_("Safety and final copies are kept for a day at least."),
    ),
    CheckConstraint(
        condition=Q(warning_hours=None, critical_hours=None)
        | Q(warning_hours__isnull=False, critical_hours__isnull=False)
        & Q(warning_hours__gte=1, critical_hours__gt=F("warning_hours"), critical_hours__lte=MOST_DAYS * 24),
        name="policy_ages_in_order",
        violation_error_message=_("Give both ages or none; the critical one must be the larger."),
    ),
    CheckConstraint(
        condition=Q(month_day=None) | Q(frequency="monthly", month_day__gte=1, month_day__lte=LAST_MONTH_DAY),
        name="policy_month_day_is_in_every_month",
        violation_error_message=_("A day of the month, 1 to 27, belongs to a monthly policy only."),
    ),
]


def validate_weekdays(value: object) -> None:
    """Raise ValidationError unless `value` is a list of different ISO weekdays."""
    _validate_numbers(value, ISO_WEEKDAYS)


def validate_hours(value: object) -> None:
    """Raise ValidationError unless `value` is a list of different hours of the night; never 2: that hour comes twice in
    October and not at all in March."""
    _validate_numbers(value, BACKUP_HOURS)


def _validate_numbers(value: object, accepted: tuple[int, ...]) -> None:
    fine = isinstance(value, list) and all(type(one) is int and one in accepted for one in value)
    if not fine or len(set(value)) != len(value):  # type: ignore[call-overload,arg-type]
        names = {"accepted": ", ".join(map(str, accepted))}
        raise ValidationError(_("Give a list of different numbers of these: %(accepted)s.") % names)

"""Acknowledging: somebody knows of a problem and is at it, so that nobody else is reminded until a time."""

from collections import defaultdict
from collections.abc import Mapping, Set
from datetime import datetime, timedelta

from domain.errors import CiviparoisseError
from watch.models import Problem

Acknowledged = Mapping[str, Set[str]]
# Longer is not "somebody is at it" any more.
MOST_DAYS = 31
MOST_REASON = 300


def list_acknowledged(*, now: datetime) -> Acknowledged:
    """Return the subjects of problems that stand and are acknowledged at `now`, by check."""
    rows = Problem.objects.filter(open_key__isnull=False, acknowledged_until__gt=now)
    subjects: defaultdict[str, set[str]] = defaultdict(set)
    for code, subject in rows.values_list("check_code", "subject"):
        subjects[code].add(subject)
    return subjects


def count_acknowledged(*, now: datetime) -> int:
    """Return how many problems stand and are acknowledged at `now`."""
    return Problem.objects.filter(open_key__isnull=False, acknowledged_until__gt=now).count()


def acknowledge(problem: Problem, *, days: int, reason: str, by: str, now: datetime) -> Problem:
    """Have nobody be reminded of `problem` for `days` (1 to 31). Raise CiviparoisseError: it has ended
    (`problem_ended`), the days or the reason are not usable (`acknowledgement_invalid`)."""
    reason = reason.strip()
    if not 1 <= days <= MOST_DAYS or not reason or len(reason) > MOST_REASON or not reason.isprintable():
        raise CiviparoisseError("acknowledgement_invalid", days=MOST_DAYS, length=MOST_REASON)
    values = {
        "acknowledged_until": now + timedelta(days=days),
        "acknowledged_by": by,
        "acknowledged_why": reason,
    }
    _write(problem, values)
    return problem


def revoke(problem: Problem) -> Problem:
    """Have everybody be reminded of `problem` again. Raise CiviparoisseError: it has ended (`problem_ended`)."""
    _write(problem, {"acknowledged_until": None, "acknowledged_by": "", "acknowledged_why": ""})
    return problem


def _write(problem: Problem, values: dict[str, object]) -> None:
    if not Problem.objects.filter(pk=problem.pk, open_key__isnull=False).update(**values):
        raise CiviparoisseError("problem_ended", problem=str(problem))
    problem.refresh_from_db()

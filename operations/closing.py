"""How long a site is closed by an operation: measured each time, and said before the next one."""

from datetime import datetime, timedelta
from statistics import median

from django.utils.translation import gettext as _

from domain.states import OperationState
from operations.models import Operation
from tenants.models import Instance

RESULT_KEY = "closed_seconds"
LAST = 5  # operations of the instance itself
LAST_ELSEWHERE = 30  # of its engine's other instances
IN_SECONDS = 120


def list_closed_seconds(instance: Instance, kind: str, *, elsewhere: bool = False) -> list[int]:
    """Return how long the last operations of this kind closed the instance, newest first; or, `elsewhere`, the other
    instances of its engine."""
    done = Operation.objects.filter(kind=kind, state=OperationState.SUCCEEDED.value, result__has_key=RESULT_KEY)
    if elsewhere:
        done = done.filter(instance__engine=instance.engine).exclude(instance=instance)
    else:
        done = done.filter(instance=instance)
    results = done.order_by("-id").values_list("result", flat=True)[: LAST_ELSEWHERE if elsewhere else LAST]
    return [int(result[RESULT_KEY]) for result in results]


def expect_closed_seconds(instance: Instance, kind: str) -> int | None:
    """Return how long an operation of this kind will close the instance: the middle of its last ones, else of those of
    its engine's other instances; None where none was ever measured."""
    seconds = list_closed_seconds(instance, kind) or list_closed_seconds(instance, kind, elsewhere=True)
    return round(median(seconds)) if seconds else None


def expect_back_at(operation: Operation) -> datetime | None:
    """Return when what an operation under way keeps from people is expected back: the moment that the closed site's own
    page promises; of one that has not closed the site, as long after its beginning as the last such operations of the
    same instance took. None where nothing was measured."""
    instance = operation.instance
    if instance is None or operation.started_at is None:
        return None
    if instance.closing:
        return instance.back_at
    done = Operation.objects.filter(kind=operation.kind, instance=instance, state=OperationState.SUCCEEDED.value)
    times = done.exclude(started_at=None).order_by("-pk").values_list("started_at", "ended_at")[:LAST]
    seconds = [(ended - started).total_seconds() for started, ended in times if started and ended]
    return operation.started_at + timedelta(seconds=median(seconds)) if seconds else None


def describe_closed_time(instance: Instance, kind: str) -> str:
    """Return the sentence that says how long the page will be closed, as far as it was ever measured."""
    if own := list_closed_seconds(instance, kind):
        return _("That took %(time)s the last time, and %(longest)s at most.") % {
            "time": format_time(own[0]),
            "longest": format_time(max(own)),
        }
    if others := list_closed_seconds(instance, kind, elsewhere=True):
        told = _("It was never measured here; elsewhere it takes %(time)s, and took %(longest)s at most.")
        return told % {"time": format_time(round(median(others))), "longest": format_time(max(others))}
    return _("How long that takes was never measured.")


def format_time(seconds: int) -> str:
    """Return a length of time, as "45 s" or "12 min", rounded up."""
    if seconds <= IN_SECONDS:
        return _("%(number)d s") % {"number": seconds}
    return _("%(number)d min") % {"number": -(-seconds // 60)}

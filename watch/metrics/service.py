"""Metrics of the manager itself: operations, the queue, workers and clock, problems, messages."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Min, Sum
from prometheus_client.core import GaugeMetricFamily, Metric

from operations.claims import select_due
from operations.models import Operation
from operations.pulse import CLOCK, SWEEP, WORKER_PREFIX, read_pulses
from watch.models import Look, Message, Problem

DAY = timedelta(hours=24)
# A worker writes itself down every ten seconds while it works, and at each sweep that it hears.
ALIVE = timedelta(minutes=2)


def list_service_metrics(*, now: datetime) -> Iterator[Metric]:
    """Give the metrics of the manager, in six queries, whatever there is."""
    yield from _list_operations(now=now)
    yield from _list_queue(now=now)
    yield from _list_pulses(now=now)
    problems = GaugeMetricFamily("civiparoisse_problems", "Problems that stand.", labels=("check", "level"))
    standing = Problem.objects.filter(open_key__isnull=False).order_by()
    for code, level, count in standing.values_list("check_code", "level").annotate(Count("pk")):
        problems.add_metric([code, level], count)
    yield problems
    looks = GaugeMetricFamily("civiparoisse_look_timestamp_seconds", "When checks were looked at.", labels=("source",))
    for source, at in Look.objects.values_list("source", "looked_at"):
        if at is not None:
            looks.add_metric([source], at.timestamp())
    yield looks
    waiting = Message.objects.filter(sent_at=None, given_up_at=None, due_at__lte=now).aggregate(n=Count("pk"))
    yield GaugeMetricFamily("civiparoisse_messages_waiting", "Messages that are due and have not left.", waiting["n"])


def _list_operations(*, now: datetime) -> Iterator[Metric]:
    labels = ("kind", "state")
    ended = GaugeMetricFamily("civiparoisse_operations_ended_last_day", "Operations of the last 24 h.", labels=labels)
    seconds = GaugeMetricFamily(
        "civiparoisse_operations_seconds_last_day", "How long those took, all together.", labels=labels
    )
    longest = GaugeMetricFamily("civiparoisse_operations_longest_seconds_last_day", "The longest.", labels=labels)
    took = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    rows: Any = Operation.objects.filter(ended_at__gt=now - DAY, ended_at__lte=now).order_by()
    for kind, state, count, total, most in rows.values_list("kind", "state").annotate(
        n=Count("pk"), total=Sum(took), most=Max(took)
    ):
        ended.add_metric([kind, state], count)
        seconds.add_metric([kind, state], total.total_seconds() if total else 0.0)
        longest.add_metric([kind, state], most.total_seconds() if most else 0.0)
    yield from (ended, seconds, longest)


def _list_queue(*, now: datetime) -> Iterator[Metric]:
    active = GaugeMetricFamily("civiparoisse_operations_active", "Operations that have not ended.", labels=("kind",))
    rows = Operation.objects.filter(ended_at=None).order_by()
    for kind, count in rows.values_list("kind").annotate(Count("pk")):
        active.add_metric([kind], count)
    yield active
    due = select_due(now).order_by().aggregate(n=Count("pk"), oldest=Min("next_run_at"))
    yield GaugeMetricFamily("civiparoisse_queue_due", "Operations that a worker could take up now.", due["n"])
    late = max(0.0, (now - due["oldest"]).total_seconds()) if due["oldest"] else 0.0
    yield GaugeMetricFamily("civiparoisse_queue_oldest_seconds", "For how long the oldest of them has been due.", late)


def _list_pulses(*, now: datetime) -> Iterator[Metric]:
    pulses = read_pulses()
    seen = GaugeMetricFamily("civiparoisse_pulse_timestamp_seconds", "When a part was last heard.", labels=("part",))
    for part in (CLOCK, SWEEP):
        if part in pulses:
            seen.add_metric([part], pulses[part].timestamp())
    yield seen
    alive = sum(name.startswith(WORKER_PREFIX) and abs(now - at) <= ALIVE for name, at in pulses.items())
    yield GaugeMetricFamily("civiparoisse_workers_alive", "Workers heard in the last two minutes.", alive)

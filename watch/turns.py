"""Turns: work of the clock that one worker does at a time, decided by one UPDATE; a dead worker is followed."""

from datetime import datetime, timedelta

from django.db.models import Q

from watch.models import Look

# Nothing here takes longer; whoever still holds a turn after this has died.
HOLD = timedelta(minutes=5)
# The clock rings a little early now and then.
TOLERANCE = timedelta(seconds=5)


def take_turn(name: str, *, every: timedelta, now: datetime) -> bool:
    """Return whether the work `name` was last done `every` ago or longer and nobody is at it: the turn is ours then.

    A time that lies in the future says nothing: the machine's clock went back.
    """
    Look.objects.get_or_create(source=name)
    free = Q(held_until=None) | Q(held_until__lte=now) | Q(held_until__gt=now + HOLD)
    due = Q(looked_at=None) | Q(looked_at__lte=now - every + TOLERANCE) | Q(looked_at__gt=now)
    return Look.objects.filter(free, due, source=name).update(held_until=now + HOLD) == 1


def take_once_since(name: str, since: datetime, *, now: datetime) -> bool:
    """Return whether the work `name` was not done since `since`; it counts as done then. For what is written in the
    same transaction, and so needs no turn of its own."""
    Look.objects.get_or_create(source=name)
    rows = Look.objects.filter(source=name).exclude(looked_at__gte=since, looked_at__lte=now)
    return rows.update(looked_at=now) == 1


def end_turn(name: str, *, now: datetime) -> None:
    """Write down that the work was done to its end."""
    Look.objects.filter(source=name).update(looked_at=now, held_until=None)


def release_turn(name: str) -> None:
    """Give the turn back; the work was not done."""
    Look.objects.filter(source=name).update(held_until=None)

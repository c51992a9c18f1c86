"""Rounds: each source is looked through, and problems begin, change and end by what was seen.

A round may die anywhere: what it wrote is right as it is, and the next one goes on. Two at once look through different
sources. A source that cannot be looked through ends nothing: what stood there stands on, and that it is blind is a
problem of its own.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from domain.findings import SEVERITY, Level
from watch.catalogue import BLIND, SOURCES, Source
from watch.models import Look, Problem
from watch.standing import Standing, list_standing
from watch.turns import end_turn, release_turn, take_turn

log = logging.getLogger("watch")

# Problems that ended are kept so long, for the page and for questions afterwards.
KEPT = timedelta(days=400)
WRITTEN = ("level", "tenant", "name", "title", "hint", "link", "acknowledged_until")


def run_round(*, now: datetime) -> list[str]:
    """Look through every source that is due at `now`; return the names of those that were looked through."""
    looked = []
    with override(settings.LANGUAGE_CODE):
        for source in SOURCES:
            if not take_turn(source.name, every=source.every, now=now):
                continue
            try:
                standing = {standing.key: standing for standing in list_standing(source, now=now)}
            except Exception:  # whatever stops one source must not silence the others
                log.exception("the checks of %s could not be looked through", source.name)
                blind = _make_blind(source)
                _keep({blind.key: blind}, {BLIND}, now=now, only=source.name)
                release_turn(source.name)
                continue
            _keep(standing, set(source.checks), now=now)
            _keep({}, {BLIND}, now=now, only=source.name)
            end_turn(source.name, now=now)
            looked.append(source.name)
    Problem.objects.filter(ended_at__lt=now - KEPT).delete()
    return looked


def list_unlooked(*, now: datetime) -> list[str]:
    """Return the names of the sources that no round has looked through for three of their turns, or ever: what they
    would find is not known."""
    seen = dict(Look.objects.values_list("source", "looked_at"))
    times = ((source, seen.get(source.name)) for source in SOURCES)
    return [source.name for source, at in times if at is None or now - at > 3 * source.every]


def _make_blind(source: Source) -> Standing:
    return Standing(
        check_code=BLIND,
        subject=source.name,
        level=Level.CRITICAL,
        title=_("Checks could not be looked through: what they find is not known"),
        link="",
        name=source.name,
        hint=_("The log of the worker names the error."),
    )


def _keep(wanted: dict[str, Standing], codes: set[str], *, now: datetime, only: str | None = None) -> None:
    """Make the problems that stand with these `codes` (`only`: with this subject) those of `wanted`, by their keys."""
    with transaction.atomic():
        rows = Problem.objects.filter(open_key__isnull=False, check_code__in=codes)
        if only is not None:
            rows = rows.filter(subject=only)
        stood = {str(row.open_key): row for row in rows}
        gone = [row.pk for key, row in stood.items() if key not in wanted]
        Problem.objects.filter(pk__in=gone).update(ended_at=now, open_key=None)
        Problem.objects.bulk_create(
            [_make_problem(one, now=now) for key, one in wanted.items() if key not in stood],
            ignore_conflicts=True,
            batch_size=500,
        )
        changed = [stood[key] for key, one in wanted.items() if key in stood and _change(stood[key], one)]
        Problem.objects.bulk_update(changed, WRITTEN, batch_size=200)


def _make_problem(standing: Standing, *, now: datetime) -> Problem:
    row = Problem(check_code=standing.check_code, subject=standing.subject, open_key=standing.key, since=now)
    _change(row, standing)
    return row


def _change(row: Problem, standing: Standing) -> bool:
    """Write what is seen now onto the row; return whether that changed it. What has become worse is not acknowledged
    any more."""
    if row.level and SEVERITY.index(standing.level) > SEVERITY.index(Level(row.level)):
        row.acknowledged_until = None
    seen = {
        "level": standing.level.value,
        "tenant": standing.tenant,
        "name": standing.name[:300],
        "title": standing.title[:400],
        "hint": standing.hint,
        "link": standing.link[:400],
    }
    before = {name: getattr(row, name) for name in seen}
    for name, value in seen.items():
        setattr(row, name, value)
    return before != seen

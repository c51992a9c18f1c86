"""Alerts about the work itself: operations that nobody takes up, and a clock that nobody hears."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from domain.findings import Level
from domain.states import InstanceState
from operations.claims import select_due
from tenants.models import Instance
from watch.checks.shapes import Alert, Example
from watch.models import Sighting
from watch.sightings import SILENT_MINUTES

CHECKS = {
    "operations_untaken": gettext_lazy("Operations that no worker takes up"),
    "engines_unwatched": gettext_lazy("Nobody looks at the engines"),
}
# A due operation is taken up at the next sweep; after several something is wrong.
LATE_SWEEPS = 10
NAMED = 3


def list_work_alerts(*, now: datetime) -> Iterator[Alert]:
    """Give what is wrong with the workers and the clock."""
    yield from _find_untaken(now=now)
    yield from _find_silence(now=now)


def _find_untaken(*, now: datetime) -> Iterator[Alert]:
    limit = now - timedelta(seconds=settings.SWEEP_SECONDS * LATE_SWEEPS)
    late = Q(next_run_at__lte=limit) | Q(next_run_at__isnull=True, created_at__lte=limit)
    rows = select_due(now).filter(late, Q(lease_until__isnull=True) | Q(lease_until__lte=limit)).order_by("pk")
    count = rows.count()
    if not count:
        return
    shown = rows.defer("data", "result", "parameters")[:NAMED]
    yield Alert(
        code="operations_untaken",
        level=Level.CRITICAL,
        title=ngettext(
            "%(count)s operation is due and no worker takes it up",
            "%(count)s operations are due and no worker takes them up",
            count,
        )
        % {"count": count},
        count=count,
        link=reverse("admin:operations_operation_changelist"),
        hint=_("Is the worker running? Its service is started again without loss."),
        examples=tuple(
            Example(
                name=f"{row.get_kind_display()} – {row.subject}",
                link=reverse("admin:operations_operation_change", args=[row.pk]),
            )
            for row in shown
        ),
    )


def _find_silence(*, now: datetime) -> Iterator[Alert]:
    """Give an alert when the looks that the clock asks for have ended while there is something to look at."""
    last = Sighting.objects.order_by("-at").values_list("at", flat=True).first()
    limit = now - timedelta(minutes=SILENT_MINUTES)
    if last is not None and last >= limit:
        return
    watched = Instance.objects.exclude(state__in=[InstanceState.NEW.value, InstanceState.DELETED.value])
    if watched.filter(created_at__lt=limit).exists():
        yield Alert(
            code="engines_unwatched",
            level=Level.CRITICAL,
            title=_("Nobody has looked at the engines for more than %(minutes)s minutes") % {"minutes": SILENT_MINUTES},
            count=1,
            link=reverse("admin:operations_operation_changelist"),
            hint=_("Are the clock (beat) and the worker running? Nightly backups depend on them too."),
        )

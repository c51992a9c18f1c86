"""What happened to the costs, for the chart: sizes changed, servers stopped and started, prices changed."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from domain.states import OperationState
from domain.words import word
from finops.calendar import Month, compute_day_start, compute_month
from finops.models import PriceSheet
from finops.pages.charts import Mark
from operations.declarations import ServersAfter
from operations.models import Operation
from operations.registry import list_kinds

RESIZED, STOPPED, STARTED, PRICED = "◆", "■", "▶", "€"
SYMBOLS = {ServersAfter.RESIZED: RESIZED, ServersAfter.STOPPED: STOPPED, ServersAfter.STARTED: STARTED}
# Who restarts what fell by itself changes no cost.
UPKEEP = "manager"
MOST_TEXTS = 12


def list_marks(first: Month, last: Month, *, tenant: str | None = None) -> Mapping[Month, tuple[Mark, ...]]:
    """Return what happened in each month from `first` to `last`, of all or of one parish; two queries."""
    marks_by_month: defaultdict[Month, list[Mark]] = defaultdict(list)
    start, end = (datetime.fromtimestamp(second, tz=UTC) for second in (first.start, last.end))
    symbols = {kind.code: SYMBOLS[kind.servers] for kind in list_kinds() if kind.servers is not None}
    rows = Operation.objects.filter(
        state=OperationState.SUCCEEDED.value, kind__in=symbols, ended_at__gte=start, ended_at__lt=end
    ).exclude(requested_by=UPKEEP)
    if tenant is not None:
        rows = rows.filter(instance__tenant__slug=tenant)
    for kind, subject, ended_at in rows.order_by("ended_at").values_list("kind", "subject", "ended_at"):
        assert ended_at is not None, "filtered"
        text = _("%(instance)s: %(kind)s") % {"instance": subject, "kind": word("kind", kind)}
        marks_by_month[compute_month(ended_at)].append(Mark(symbol=symbols[kind], text=text))
    for name, day in PriceSheet.objects.values_list("name", "valid_from"):
        moment = datetime.fromtimestamp(compute_day_start(day), tz=UTC)
        if start <= moment < end:
            text = _("prices: %(sheet)s") % {"sheet": name}
            marks_by_month[compute_month(moment)].append(Mark(symbol=PRICED, text=text))
    return {month: tuple(marks[:MOST_TEXTS]) for month, marks in marks_by_month.items()}


def list_mark_words() -> tuple[tuple[str, str], ...]:
    """Return what each symbol means, in the active language."""
    return (
        (STARTED, _("servers started")),
        (STOPPED, _("servers stopped")),
        (RESIZED, _("other sizes")),
        (PRICED, _("other prices")),
    )

"""Instances whose ledger and use are as if they had run for some time, written by the functions that write them."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from domain.fleet import UsageSample
from domain.states import InstanceState
from finops.calendar import PARIS
from finops.ledger.reconcile import ensure_recorded
from finops.usage.measured import close_days, store_samples
from tenants.models import Instance
from tests.builders import MEBIBYTE
from tests.rows import make_instance_row

# (millicores, MiB) that an ordinary parish uses: far less than the chart gives it.
USE = {"db": (40, 300), "httpd": (60, 420), "cron": (100, 120)}


def make_recorded(
    slug: str = "saint-paul", *, since: datetime, state: InstanceState = InstanceState.ACTIVE
) -> Instance:
    """Return an instance that the ledger knows since then."""
    instance = make_instance_row(slug, state=state)
    Instance.objects.filter(pk=instance.pk).update(created_at=since)
    instance.refresh_from_db()
    ensure_recorded(now=since)
    return instance


def write_use(
    slugs: Iterable[str], *, last: date, days: int = 14, use: dict[str, tuple[int, int]] | None = None, points: int = 24
) -> None:
    """Write `points` samples a day, for `days` up to `last` (included), as the engine would have told them."""
    samples = []
    for back in range(days):
        start = datetime.combine(last - timedelta(days=back), time(), tzinfo=PARIS)
        for slug in slugs:
            for container, (millicores, mebibytes) in (use or USE).items():
                samples += [
                    UsageSample(
                        instance=slug,
                        container=container,
                        at=start + timedelta(minutes=minute * 1380 // points),
                        cpu_millicores=millicores,
                        memory_bytes=mebibytes * MEBIBYTE,
                    )
                    for minute in range(points)
                ]
    store_samples(samples)
    close_days(now=datetime.combine(last, time(12), tzinfo=PARIS))

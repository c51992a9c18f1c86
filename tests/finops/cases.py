"""Prices and uses for tests: OpenCost's default rates (docs/finops.md#reference-figures), and what parishes hold."""

from datetime import date
from decimal import Decimal
from typing import Any

from finops.ledger.holdings import Holding
from finops.models import Interval, PriceLine, PriceSheet
from finops.price_models import LineKind, Period
from finops.prices.rates import NodePrice, Prices, Rate, SharedPrice

GIBIBYTE = 2**30
MEBIBYTE = 2**20
HOUR = 3600
# 730 hours: what OpenCost takes for a month.
MONTH_HOURS = 730


def hourly(amount: str) -> Rate:
    """Return a price per hour."""
    return Rate(amount=Decimal(amount))


def monthly(amount: str) -> Rate:
    """Return a price per month."""
    return Rate(amount=Decimal(amount), is_monthly=True)


def make_prices(**changes: Any) -> Prices:
    """Return OpenCost's default rates, in euros."""
    values: dict[str, Any] = {
        "identifier": 1,
        "name": "test",
        "cpu": hourly("0.031611"),
        "memory": hourly("0.004237"),
        "storage": {"": hourly("0.00005479452")},
        "backup": monthly("0.02"),
    }
    return Prices(**{**values, **changes})


def make_nodes(*, count: int = 1, price: str = "1", cpus: int = 4, gibibytes: int = 16) -> tuple[NodePrice, ...]:
    """Return one pool of nodes; AWS's example by default: 1 per hour, 4 vCPU, 16 GB."""
    return (
        NodePrice(
            name="pool",
            rate=hourly(price),
            count=Decimal(count),
            cpu_millicores=cpus * 1000,
            memory_bytes=gibibytes * GIBIBYTE,
        ),
    )


def make_shared(amount: str, **changes: Any) -> SharedPrice:
    """Return a shared cost per month."""
    return SharedPrice(**{"name": "control plane", "rate": monthly(amount), **changes})


def make_use(tenant: str = "saint-paul", resource: str = "compute", component: str = "db", **changes: Any) -> Holding:
    """Return what a parish held for a month of 730 hours: nothing, but for what `changes` say."""
    values: dict[str, Any] = {
        "tenant": tenant,
        "instance": tenant,
        "engine": "fake",
        "resource": resource,
        "component": component,
        "storage_class": "",
        "cpu_millicores": 0,
        "memory_bytes": 0,
        "storage_bytes": 0,
        "source": "spec",
        "seconds": MONTH_HOURS * HOUR,
    }
    return Holding(**{**values, **changes})


def make_sheet(engine: str = "fake", *, valid_from: date = date(2020, 1, 1), **changes: Any) -> PriceSheet:
    """Return a sheet of OpenCost's default rates, storage at 0.04 and backups at 0.02 per GiB and month."""
    values = {"name": engine or "all", "engine": engine, "valid_from": valid_from, **changes}
    sheet = PriceSheet.objects.create(**values)
    for kind, amount, period in (
        (LineKind.CPU, "0.031611", Period.HOUR),
        (LineKind.MEMORY, "0.004237", Period.HOUR),
        (LineKind.STORAGE, "0.04", Period.MONTH),
        (LineKind.BACKUP, "0.02", Period.MONTH),
    ):
        PriceLine.objects.create(sheet=sheet, kind=kind, amount=Decimal(amount), period=period)
    return sheet


def hold(
    tenant: str = "saint-paul",
    resource: str = "compute",
    component: str = "db",
    *,
    start: int = 0,
    end: int | None = None,
    **changes: Any,
) -> Interval:
    """Write that the instance of a parish, called alike, holds something since 1970, or from `start` to `end`."""
    values = {
        "instance": tenant,
        "tenant": tenant,
        "engine": "fake",
        "resource": resource,
        "component": component,
        "source": "spec",
        "start": start,
        "end": end,
        "open_key": f"{tenant}/{resource}/{component}/{start}" if end is None else None,
    }
    return Interval.objects.create(**{**values, **changes})

"""Who was there, and from when to when: what shared costs are split by. Pure.

A holding with times was held evenly between them; one without is a sum of the ledger, or of a month as it might be.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from finops.ledger.holdings import Holding
from finops.prices.rates import Prices
from finops.prices.shares import Times, merge_times

# The volume that is kept when an instance is deleted but its backups are not.
BACKUPS_VOLUME = "backups"
COMPUTE, RUN, STORAGE = "compute", "run", "storage"


def lay_out(holdings: Iterable[Holding], *, start: int, end: int) -> list[Holding]:
    """Return the servers, runs and volumes among `holdings` with times between `start` and `end`: what has none yet was
    held from the start on, one size of a thing after the other, the smallest first, in whatever order they come; runs,
    by and by."""
    given = list(holdings)
    dated = [holding for holding in given if holding.start is not None]
    held_until: defaultdict[tuple[str, str, str], int] = defaultdict(lambda: start)
    for holding in sorted(holding for holding in given if holding.start is None):
        if holding.resource == RUN:
            dated.append(holding._replace(start=start, end=end))
        elif holding.resource in (COMPUTE, STORAGE):
            thing = (holding.instance, holding.resource, holding.component)
            begun = held_until[thing]
            held_until[thing] = min(end, begun + holding.seconds)
            dated.append(holding._replace(start=begun, end=held_until[thing]))
    return dated


def get_times(holding: Holding) -> Times:
    """Return from when to when a holding with times was held."""
    assert holding.start is not None and holding.end is not None, "only what has times is asked"
    return holding.start, holding.end


def list_presence(dated: Iterable[Holding], *, is_among_active: bool) -> dict[str, list[Times]]:
    """Return when each parish took part in a shared cost: while its data was kept, or while its servers were."""
    times: defaultdict[str, list[Times]] = defaultdict(list)
    for holding in dated:
        is_kept = holding.resource == STORAGE and holding.component != BACKUPS_VOLUME
        if holding.resource == COMPUTE if is_among_active else is_kept:
            times[holding.tenant].append(get_times(holding))
    return {tenant: merge_times(parts) for tenant, parts in sorted(times.items())}


def find_dated_resources(prices: Prices, holdings: Iterable[Holding]) -> frozenset[str]:
    """Return the resources of which the times must be known to price `holdings`, beside the sums."""
    wanted: set[str] = set()
    for shared in prices.shared:
        wanted.add(COMPUTE if shared.is_among_active else STORAGE)
        if shared.split == "cost":
            wanted |= {COMPUTE, STORAGE}
    if prices.nodes is not None and (prices.share_idle or may_be_full(prices, holdings)):
        wanted |= {COMPUTE, RUN}
    return frozenset(wanted)


def may_be_full(prices: Prices, holdings: Iterable[Holding]) -> bool:
    """Return whether the nodes of `prices` could have been too small at any moment: were all that was ever held held
    at once."""
    nodes = prices.nodes or ()
    held = [holding for holding in holdings if holding.resource in (COMPUTE, RUN)]
    cpu = sum((node.count * node.cpu_millicores for node in nodes), Decimal(0))
    memory = sum((node.count * node.memory_bytes for node in nodes), Decimal(0))
    return (
        sum(holding.cpu_millicores for holding in held) > cpu or sum(holding.memory_bytes for holding in held) > memory
    )

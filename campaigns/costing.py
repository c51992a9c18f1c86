"""What a campaign changes of what parishes pay by the month."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from campaigns.drafts import CampaignDraft
from finops.advice.recommendations import price_month
from finops.prices.rounding import round_to_cent
from finops.scenarios.wanted_fleet import get_prices, list_provisioned, make_parish
from operations.declarations import ServersAfter
from operations.registry import get_kind
from tenants.registry import get_plan
from tenants.specs import make_plan


def estimate_monthly_change(
    draft: CampaignDraft, instances: Collection[int], *, now: datetime
) -> tuple[Decimal | None, str]:
    """Return (what the servers of `instances`, by their keys, would cost more by the month, negative for less; its
    currency). (None, "") for kinds that change no size, without prices, and where several currencies meet."""
    servers = get_kind(draft.kind).servers
    if servers is None:
        return None, ""
    prices, wanted = get_prices(now=now), set(instances)
    if not prices:
        return None, ""
    target = make_plan(get_plan(draft.parameters["plan"])) if servers is ServersAfter.RESIZED else None
    change, currencies = Decimal(0), set()
    for row in list_provisioned():
        own = prices.get(row.engine) or prices.get("")
        if row.pk not in wanted:
            continue
        if own is None:
            return None, ""
        currencies.add(own.currency)
        parish, present = make_parish(row, run_seconds={}, backup_bytes=0), make_plan(row.plan)
        before = price_month(parish, present, own, now=now)
        if target is not None:
            after = price_month(parish, target, own, now=now)
        else:
            is_running = servers is ServersAfter.STARTED
            after = price_month(replace(parish, is_running=is_running), present, own, now=now)
        change += after - before
    return (round_to_cent(change), currencies.pop()) if len(currencies) == 1 else (None, "")

"""What is paid for and no longer used, with its cost per month: rows, ledger and engines into advice/waste.py."""

import logging
from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.utils.timezone import get_default_timezone

from domain.errors import CiviparoisseError
from domain.fleet import RemovableKind
from domain.states import OperationState
from engine.registry import list_engines
from finops.advice.waste import InstanceFacts, Limits, Waste, find_waste
from finops.calendar import compute_month
from finops.ledger.left_volumes import select_own_volumes
from finops.ledger.reservation import get_footprint
from finops.prices.rates import Prices
from finops.prices.rounding import round_to_cent
from finops.scenarios.wanted_fleet import SECRETS, get_prices
from finops.usage.efficiency import price_hour
from finops.usage.idleness import SeenActivity, compute_idle_since
from operations.fleets import observe_fleets
from operations.models import Operation
from operations.registry import get_kind, select_codes
from programs.sets.retention import HeldSet, RetentionRule, decide_retention
from tenants.models import Instance

log = logging.getLogger("finops")
# States of backups whose set is on the volume, and the one in which it can be restored.
GOOD = "good"
ON_VOLUME = (GOOD, "failed")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostedWaste:
    """A finding and what it costs per month of the present length; `cost`: None without prices for it."""

    waste: Waste
    cost: Decimal | None
    currency: str


def list_findings(*, now: datetime) -> tuple[CostedWaste, ...]:
    """Return every finding, the dearest first. An engine that does not answer tells nothing, and is logged."""
    limits = Limits(
        suspended_days=settings.FINOPS_SUSPENDED_DAYS,
        idle_days=settings.FINOPS_IDLE_DAYS,
        backup_days=settings.BACKUP_RETENTION_DAYS,
    )
    known, seen = _list_facts(now=now, limits=limits), observe_fleets(list_engines())
    fleets = {name: fleet for name, fleet in seen.items() if fleet is not None}
    all_waste = find_waste(known, fleets, now=now, limits=limits, own_volumes=select_own_volumes(fleets))
    prices = get_prices(now=now)
    hours = compute_month(now).hours
    costed = [_price(waste, prices.get(waste.engine) or prices.get(""), hours=hours) for waste in all_waste]
    return tuple(
        sorted(costed, key=lambda finding: (-(finding.cost or ZERO), finding.waste.finding, finding.waste.name))
    )


def _list_facts(*, now: datetime, limits: Limits) -> list[InstanceFacts]:
    ended = Operation.objects.filter(instance=OuterRef("pk"), state=OperationState.SUCCEEDED.value)
    ended = ended.order_by("-ended_at")
    changed = ended.exclude(kind__in=select_codes(lambda kind: kind.keeps_state))
    # From these on people can come; other operations leave them where they were.
    awoken = ended.filter(kind__in=select_codes(lambda kind: kind.awakens))
    rows = Instance.objects.select_related("tenant", "plan", "release", "activity").prefetch_related("plan__containers")
    annotated = rows.defer(*SECRETS).annotate(
        changed_at=Subquery(changed.values("ended_at")[:1]), awoken_at=Subquery(awoken.values("ended_at")[:1])
    )
    old = _list_old_backups(RetentionRule(keep_within_days=limits.backup_days), now=now)
    return [_make_facts(row, old.get(row.identifier, (0, 0)), now=now) for row in annotated.order_by("identifier")]


def _make_facts(row: Any, old: tuple[int, int], *, now: datetime) -> InstanceFacts:
    footprint = get_footprint(row)
    activity = getattr(row, "activity", None)
    names = [field.name for field in fields(SeenActivity)]
    seen = SeenActivity(**{name: getattr(activity, name) for name in names}) if activity else SeenActivity()
    return InstanceFacts(
        identifier=row.identifier,
        tenant=row.tenant.slug,
        engine=row.engine,
        state=row.state,
        since=row.changed_at,
        reserved=footprint.at_rest,
        volume_bytes=sum(footprint.volumes.values()),
        quiet=compute_idle_since(seen, awake_since=row.awoken_at or row.created_at, now=now),
        old_backups=old[0],
        old_backup_bytes=old[1],
    )


def _list_old_backups(rule: RetentionRule, *, now: datetime) -> dict[str, tuple[int, int]]:
    """Return (how many, bytes) of the sets of each instance that `rule` lets go."""
    held: defaultdict[str, list[HeldSet]] = defaultdict(list)
    on_volume = Instance.objects.filter(backups__state__in=ON_VOLUME, backups__stored_bytes__isnull=False)
    columns = ("backup_id", "started_at", "scope", "state", "stored_bytes")
    for identifier, name, began, scope, state, size in on_volume.values_list(
        "identifier", *(f"backups__{column}" for column in columns)
    ):
        held[identifier].append(
            HeldSet(backup_id=name, started_at=began, scope=scope, good=state == GOOD, stored_bytes=size)
        )
    old = {}
    for identifier, sets in held.items():
        decisions = decide_retention(sets, rule, now=now, timezone=get_default_timezone())
        if gone := [decision.held.stored_bytes for decision in decisions if not decision.keep]:
            old[identifier] = (len(gone), sum(gone))
    return old


def _price(waste: Waste, prices: Prices | None, *, hours: int) -> CostedWaste:
    if prices is None:
        return CostedWaste(waste=waste, cost=None, currency="")
    try:
        cost = price_hour(prices, *waste.reserved, month_hours=hours) if any(waste.reserved) else ZERO
    except CiviparoisseError:
        return CostedWaste(waste=waste, cost=None, currency=prices.currency)
    for size, hourly in (
        (waste.storage_bytes, prices.compute_storage_hour(waste.storage_class, month_hours=hours)),
        (waste.backup_bytes, prices.compute_backup_hour(month_hours=hours)),
    ):
        if size and hourly is None:
            return CostedWaste(waste=waste, cost=None, currency=prices.currency)
        cost += Decimal(size) / prices.byte_unit * (hourly or ZERO)
    return CostedWaste(waste=waste, cost=round_to_cent(cost * hours), currency=prices.currency)


def may_be_saved(waste: Waste) -> bool:
    """Return whether ending it is up to this manager: what has no Instance row may be another one's."""
    return waste.answer is not None or waste.removable is not None


def make_command(waste: Waste) -> str:
    """Return the management command that answers a finding, or that tells more of what has no Instance row."""
    if waste.answer is not None:
        return f"{get_kind(waste.answer).command} {waste.instance}"
    if waste.removable is not None:
        volume = " --volume" if waste.removable is RemovableKind.VOLUME else ""
        return f"stray_remove {waste.place} --engine {waste.engine}{volume}"
    return f"drift_report --cluster {waste.engine}"

"""Sizes that would be enough, what they would save, and the operation that gives them: an ordinary resize.

A recommendation is a proposal with its evidence. Following it makes (or reuses) a plan of those sizes and asks for
`resize`: it is seen, locked, undone and recorded like any other operation.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from domain.errors import CiviparoisseError, NotFound
from domain.specs import Plan
from domain.states import OperationKind
from finops.advice.documents import ContainerAdviceSerializer
from finops.advice.rightsizing import ContainerAdvice, advise_plan, apply_advice
from finops.calendar import compute_day, compute_month, compute_second
from finops.ledger.reservation import compute_footprint
from finops.prices.pricing import compute_lines
from finops.prices.rates import Prices
from finops.prices.rounding import round_to_cent
from finops.scenarios.wanted_fleet import get_prices, list_provisioned, make_parish
from finops.scenarios.whatif import Parish, make_holdings
from finops.usage.efficiency import price_hour
from finops.usage.evidence import Evidence
from finops.usage.measured import list_evidence
from finops.usage_models import FollowedAdvice
from operations.models import Operation
from operations.requests import Description, describe_operation, request_operation
from tenants import models
from tenants.plan_rules import VOLUMES
from tenants.specs import make_plan

WINDOW_DAYS = 14
# What runs by itself for a moment wastes nothing by the month.
LASTING_CONTAINERS = ("db", "httpd", "db_router")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What one instance should get. `saving`: per month of the present length, to the cent, negative when it needs
    more; `waste`: what is reserved and was not used even at the worst day's 95th percentile; both None without prices.
    `is_change`: False when the present sizes are right, or nothing can be said."""

    instance: models.Instance
    containers: tuple[ContainerAdvice, ...]
    saving: Decimal | None
    waste: Decimal | None
    currency: str

    @property
    def is_change(self) -> bool:
        """Whether another size is proposed for a container."""
        return any(container.is_change for container in self.containers)

    @property
    def is_raise(self) -> bool:
        """Whether a container needs more than it has: it risks being killed."""
        return any(
            container.proposed.memory_limit_bytes > container.current.memory_limit_bytes
            for container in self.containers
        )


def get_recommendation(identifier: str, *, now: datetime, days: int = WINDOW_DAYS) -> Recommendation:
    """Return the advice for one instance. Raise NotFound for one that is not there, or holds nothing."""
    recommendations = list_recommendations(now=now, days=days, instance=identifier)
    if not recommendations:
        raise NotFound(what="instance", name=identifier)
    return recommendations[0]


def list_recommendations(
    *, now: datetime, days: int = WINDOW_DAYS, instance: str | None = None
) -> tuple[Recommendation, ...]:
    """Return the advice for every provisioned instance (or one), the largest saving first, from what was measured in
    the last `days`; a fixed number of queries."""
    last = compute_day(compute_second(now))
    use = list_evidence(first=last - timedelta(days=days), last=last, instance=instance)
    prices = get_prices(now=now)
    rows = list_provisioned() if instance is None else list_provisioned().filter(identifier=instance)
    recommendations = [recommend(row, use.get(row.identifier, {}), prices, now=now) for row in rows]
    return tuple(sorted(recommendations, key=lambda advice: (-(advice.saving or ZERO), advice.instance.identifier)))


def recommend(
    row: models.Instance, use: Mapping[str, Evidence], prices: Mapping[str, Prices], *, now: datetime
) -> Recommendation:
    """Return the advice for one instance, its plan's containers prefetched."""
    plan = make_plan(row.plan)
    containers = advise_plan(plan, use)
    own = prices.get(row.engine) or prices.get("")
    saving = waste = None
    if own is not None:
        proposed = apply_advice(plan, containers, name=plan.name)
        before = make_parish(row, run_seconds={}, backup_bytes=0)
        saving = price_month(before, plan, own, now=now) - price_month(before, proposed, own, now=now)
        waste = _price_waste(containers, own, now=now)
    return Recommendation(
        instance=row,
        containers=containers,
        saving=None if saving is None else round_to_cent(saving),
        waste=None if waste is None else round_to_cent(waste),
        currency=own.currency if own else "",
    )


def price_month(parish: Parish, plan: Plan, prices: Prices, *, now: datetime) -> Decimal:
    """Return what a parish itself pays for the servers of `plan` in a month."""
    month = compute_month(now)
    uses = [
        use
        for use in make_holdings(_with_plan(parish, plan), seconds=month.end - month.start)
        if use.resource == "compute"
    ]
    lines = compute_lines(uses, prices, start=month.start, end=month.end, month_hours=month.hours)
    return sum((line.amount for line in lines if line.tenant and line.kind in ("cpu", "memory")), ZERO)


def _with_plan(parish: Parish, plan: Plan) -> Parish:
    return Parish(
        tenant=parish.tenant,
        instance=parish.instance,
        engine=parish.engine,
        plan=plan,
        footprint=compute_footprint(plan),
        is_running=parish.is_running,
    )


def _price_waste(containers: tuple[ContainerAdvice, ...], prices: Prices, *, now: datetime) -> Decimal | None:
    """Return (request − p95) × price for the measured servers; None when none was measured."""
    hours = compute_month(now).hours
    measured = [
        (container, container.evidence)
        for container in containers
        if container.evidence and container.container in LASTING_CONTAINERS
    ]
    if not measured:
        return None
    cpu = sum(max(container.current.cpu_request_millicores - seen.cpu_p95, 0) for container, seen in measured)
    memory = sum(max(container.current.memory_request_bytes - seen.memory_p95, 0) for container, seen in measured)
    return price_hour(prices, cpu, memory, month_hours=hours) * hours


def make_plan_name(plan: Plan) -> str:
    """Return a name for a plan of these sizes: the same sizes always have the same name, and a plan made by an earlier
    recommendation lends its beginning only."""
    sizes = {name: value for name, value in asdict(plan).items() if name != "name"}
    mark = hashlib.sha256(json.dumps(sizes, sort_keys=True).encode()).hexdigest()[:8]
    base = plan.name.rpartition("-fit-")[0] or plan.name
    return f"{base[:28]}-fit-{mark}"


def propose_plan(recommendation: Recommendation) -> Plan:
    """Return the plan of the proposed sizes, under its name. Its volumes are as large as the instance's have become:
    they cannot shrink."""
    instance = recommendation.instance
    present = make_plan(instance.plan, grown=instance.grown_volumes)
    proposed = apply_advice(present, recommendation.containers, name=present.name)
    return replace(proposed, name=make_plan_name(proposed))


def ensure_plan(recommendation: Recommendation) -> models.Plan:
    """Return the row of the proposed plan: one of ours that exists, or a new one."""
    proposed = propose_plan(recommendation)
    with transaction.atomic():
        plan, created = models.Plan.objects.get_or_create(
            name=proposed.name,
            defaults={**{size: getattr(proposed, size) for size in VOLUMES}, **asdict(proposed.prefork)},
        )
        if created:
            models.PlanContainer.objects.bulk_create(
                models.PlanContainer(plan=plan, container=container, **asdict(resources))
                for container, resources in proposed.containers.items()
            )
    return plan


def describe_following(recommendation: Recommendation) -> Description:
    """Return what following the advice would do, nothing being kept. Raise as `follow_recommendation` does."""
    instance = recommendation.instance
    if not recommendation.is_change:
        raise CiviparoisseError("nothing_to_recommend", instance=instance.identifier)
    with transaction.atomic():
        plan = ensure_plan(recommendation)
        description = describe_operation(kind=OperationKind.RESIZE, instance=instance, parameters={"plan": plan.name})
        transaction.set_rollback(True)
    return description


def follow_recommendation(
    recommendation: Recommendation, *, requested_by: str, now: datetime, idempotency_key: str | None = None
) -> Operation:
    """Ask for the resize that follows the advice, and keep what was known then. Raise CiviparoisseError
    `nothing_to_recommend`, or what `request_operation` raises."""
    instance = recommendation.instance
    if not recommendation.is_change:
        raise CiviparoisseError("nothing_to_recommend", instance=instance.identifier)
    with transaction.atomic():
        plan = ensure_plan(recommendation)
        operation = request_operation(
            kind=OperationKind.RESIZE,
            instance=instance,
            requested_by=requested_by,
            parameters={"plan": plan.name},
            idempotency_key=idempotency_key,
        )
        FollowedAdvice.objects.get_or_create(
            operation=operation.public_id,
            defaults={
                "instance": instance.identifier,
                "plan_before": instance.plan.name,
                "plan_after": plan.name,
                "saving": recommendation.saving,
                "currency": recommendation.currency,
                "evidence": ContainerAdviceSerializer(recommendation.containers, many=True).data,
                "asked_at": now,
                "asked_by": requested_by,
            },
        )
    return operation

"""What a campaign would do, before it is one: who, in which order and wave, until when, at what cost, and who is left
out and why. Writes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from campaigns.admitting import Refusal, find_obstacles, find_refusals
from campaigns.costing import estimate_monthly_change
from campaigns.drafts import CampaignDraft
from campaigns.forecast import EVERYWHERE, Turn, find_seconds, forecast_end, measure_seconds
from campaigns.scheduling import split_waves
from campaigns.selecting import list_instances, read_selection
from campaigns.windows import read_calendar
from domain.campaigns import CampaignOrder, LeftOut
from domain.errors import CiviparoisseError
from domain.specs import InstanceKind
from tenants.models import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMember:
    """One that takes part. `wave` and `position` from 0; `seconds`: how long its operation takes, None: not known."""

    instance_id: int
    identifier: str
    parish: str
    cluster: str
    wave: int
    position: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLeftOut:
    """One that was selected and takes no part. `code`, `params`: the error that its operation would meet, or ""."""

    instance_id: int
    identifier: str
    parish: str
    why: LeftOut
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPlan:
    """The dry run of a campaign. `obstacles`: why it cannot be created at all; empty when it can. `seconds_each`: the
    median of what such operations took, None: there was none. `begins_at`, `ends_at`: None where no window opens, or
    nothing was measured. `monthly_cost_change`: in `currency`, None where it is not known or no kind of cost."""

    draft: CampaignDraft
    members: tuple[PlannedMember, ...]
    left_out: tuple[PlannedLeftOut, ...]
    wave_sizes: tuple[int, ...]
    obstacles: tuple[CiviparoisseError, ...] = ()
    seconds_each: float | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    monthly_cost_change: Decimal | None = None
    currency: str = ""


def plan_campaign(draft: CampaignDraft, *, now: datetime) -> CampaignPlan:
    """Return what a campaign of `draft` would do if it was started at `now`. As many queries for ten instances as for
    thousands."""
    instances = list(list_instances(read_selection(draft.selection)).defer("secrets"))
    refusals = find_refusals(draft, instances, now=now)
    chosen = sorted((row for row in instances if row.pk not in refusals), key=_make_sort_key(draft.order))
    waves = split_waves(len(chosen), draft.waves)
    measured = measure_seconds(draft.kind)
    members = tuple(
        PlannedMember(
            instance_id=row.pk,
            identifier=row.identifier,
            parish=row.tenant.name,
            cluster=row.engine,
            wave=wave,
            position=position,
            seconds=find_seconds(measured, row.engine),
        )
        for position, (row, wave) in enumerate(zip(chosen, waves, strict=True))
    )
    left_out = tuple(_leave_out(row, refusals[row.pk]) for row in instances if row.pk in refusals)
    calendar = read_calendar(windows=draft.windows, blackout=draft.blackout, time_zone=draft.time_zone)
    ends_at = forecast_end(
        [Turn(member.wave, member.cluster) for member in members],
        measured=measured,
        limit_per_cluster=draft.limit_per_cluster,
        calendar=calendar,
        now=now,
    )
    change, currency = estimate_monthly_change(draft, [member.instance_id for member in members], now=now)
    return CampaignPlan(
        draft=draft,
        members=members,
        left_out=left_out,
        wave_sizes=tuple(waves.count(wave) for wave in sorted(set(waves))),
        obstacles=tuple(find_obstacles(draft)),
        seconds_each=find_seconds(measured, EVERYWHERE),
        begins_at=calendar.find_next_opening(now),
        ends_at=ends_at if members else None,
        monthly_cost_change=change,
        currency=currency,
    )


def _make_sort_key(order: CampaignOrder) -> Callable[[Instance], tuple[int, str]]:
    """Return what sorts instances: sandboxes, then parishes that go first, then the others; or all by name."""

    def rank(row: Instance) -> int:
        if order is CampaignOrder.BY_NAME:
            return 0
        if row.kind != InstanceKind.PRODUCTION:
            return 0
        return 1 if hasattr(row.tenant, "volunteer") else 2

    return lambda row: (rank(row), row.identifier)


def _leave_out(row: Instance, refusal: Refusal) -> PlannedLeftOut:
    return PlannedLeftOut(
        instance_id=row.pk,
        identifier=row.identifier,
        parish=row.tenant.name,
        why=refusal.why,
        code=refusal.code,
        params=refusal.params,
    )

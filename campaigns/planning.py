"""What a campaign would do, before it is one: who, in which order and wave, until when, at what cost, and who is left
out and why. Writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from campaigns.drafts import CampaignDraft
from domain.campaigns import LeftOut
from domain.errors import CiviparoisseError


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
    """Return what a campaign of `draft` would do if it was started at `now`."""
    raise NotImplementedError

"""How a campaign stands or ended: counts, waves with a cell for each instance, failures with what to do, times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Campaign
from domain.campaigns import MemberState


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One instance in the picture. `operation`: its public identifier, "" before it began. `message`, `hint`: of what
    failed, is left out or waits, in the active language."""

    identifier: str
    parish: str
    instance_id: int | None
    tenant_id: int | None
    state: MemberState
    attempt: int = 1
    operation: str = ""
    operation_id: int | None = None
    progress: int = 0
    message: str = ""
    hint: str = ""
    began_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: float | None = None
    closed_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """`number` from 1."""

    number: int
    cells: tuple[Cell, ...]
    counts: Mapping[MemberState, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignReport:
    """`counts`: of every state, zeros too. `failures`: first those of the first waves. `seconds_median`: of what ended
    well; `closed_seconds`: all sites together, `closed_seconds_most`: the longest; None where not known.
    `next_opening`: when something may begin next; None: now, or never (then `is_open` is False and it ended)."""

    campaign: Campaign
    counts: Mapping[MemberState, int]
    waves: tuple[Wave, ...]
    failures: tuple[Cell, ...]
    left_out: tuple[Cell, ...]
    percent: int
    is_open: bool
    next_opening: datetime | None
    ends_at: datetime | None
    seconds_median: float | None
    seconds_total: float | None
    closed_seconds: int | None
    closed_seconds_most: int | None


def describe_campaign(campaign: Campaign, *, now: datetime) -> CampaignReport:
    """Return how `campaign` stands. The number of queries does not grow with its members."""
    raise NotImplementedError


def write_csv(campaign: Campaign) -> str:
    """Return the report as CSV, a line per instance: no cell of it is a formula for a spreadsheet."""
    raise NotImplementedError

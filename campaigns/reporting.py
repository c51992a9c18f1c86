"""How a campaign stands or ended: counts, waves with a cell for each instance, failures with what to do, times."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from statistics import median

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from campaigns.forecast import Turn, forecast_end, measure_seconds
from campaigns.models import Campaign, CampaignMember
from campaigns.selectors import list_members
from campaigns.windows import Calendar, read_calendar_of
from domain.campaigns import CAMPAIGN_ENDED, CampaignState, MemberState
from domain.errors import render_error
from finops.exports.csv_files import FORMULA_BEGINNINGS, MARK

COLUMNS = (
    _("Instance"),
    _("Parish"),
    _("Wave"),
    _("State"),
    _("Attempt"),
    _("Operation"),
    _("Begun"),
    _("Ended"),
    _("Lasted (s)"),
    _("Site closed (s)"),
    _("What happened"),
    _("What to do"),
)


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
    members = list(list_members(campaign).order_by("wave", "position"))
    cells = [(member, make_cell(member)) for member in members]
    taking = [(member, cell) for member, cell in cells if cell.state is not MemberState.LEFT_OUT]
    counts = _count(cell for _member, cell in cells)
    calendar = read_calendar_of(campaign)
    is_open = calendar.is_open(now)
    is_over = campaign.state in CAMPAIGN_ENDED
    seconds = [cell.seconds for _member, cell in taking if cell.state is MemberState.DONE and cell.seconds is not None]
    closed = [cell.closed_seconds for _member, cell in taking if cell.closed_seconds is not None]
    began, ended = campaign.started_at, campaign.ended_at or now
    return CampaignReport(
        campaign=campaign,
        counts=counts,
        waves=tuple(_make_wave(number, group) for number, group in groupby(taking, key=lambda pair: pair[0].wave)),
        failures=tuple(cell for _member, cell in taking if cell.state is MemberState.FAILED),
        left_out=tuple(cell for _member, cell in cells if cell.state is MemberState.LEFT_OUT),
        percent=_compute_percent(counts, total=len(taking)),
        is_open=is_open,
        next_opening=None if is_open or is_over else calendar.find_next_opening(now),
        ends_at=None if is_over else _forecast(campaign, [member for member, _cell in taking], calendar, now=now),
        seconds_median=median(seconds) if seconds else None,
        seconds_total=None if began is None else max(0.0, (ended - began).total_seconds()),
        closed_seconds=sum(closed) if closed else None,
        closed_seconds_most=max(closed) if closed else None,
    )


def make_cell(member: CampaignMember) -> Cell:
    """Return `member` (its operation and its instance with its parish selected with it) as it is shown."""
    operation, instance = member.operation, member.instance
    message, hint = _word(member)
    is_at_work = member.state == MemberState.RUNNING and operation is not None
    return Cell(
        identifier=member.subject,
        parish=instance.tenant.name if instance is not None else "",
        instance_id=member.instance_id,
        tenant_id=instance.tenant_id if instance is not None else None,
        state=MemberState(member.state),
        attempt=member.attempt,
        operation=operation.public_id if operation is not None else "",
        operation_id=member.operation_id,
        progress=operation.progress if is_at_work and operation is not None else 0,
        message=message,
        hint=hint,
        began_at=member.began_at,
        ended_at=member.ended_at,
        seconds=_compute_seconds(member),
        closed_seconds=member.closed_seconds,
    )


def write_csv(campaign: Campaign) -> str:
    """Return the report as CSV as French Excel opens it, a line per instance: no cell of it is a formula for a
    spreadsheet."""
    rows = list_members(campaign)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([str(label) for label in COLUMNS])
    for member in rows:
        cell = make_cell(member)
        wave = "" if cell.state is MemberState.LEFT_OUT else str(member.wave + 1)
        words = [cell.identifier, cell.parish, wave, member.get_state_display(), str(cell.attempt), cell.operation]
        times = [_format_time(cell.began_at), _format_time(cell.ended_at)]
        lengths = [_format_seconds(cell.seconds), _format_seconds(cell.closed_seconds)]
        writer.writerow([_defuse(text) for text in (*words, *times, *lengths, cell.message, cell.hint)])
    return MARK + out.getvalue()


def _make_wave(number: int, group: Iterable[tuple[CampaignMember, Cell]]) -> Wave:
    cells = tuple(cell for _member, cell in group)
    return Wave(number=number + 1, cells=cells, counts=_count(cells))


def _count(cells: Iterable[Cell]) -> dict[MemberState, int]:
    found = Counter(cell.state for cell in cells)
    return {state: found[state] for state in MemberState}


def _compute_percent(counts: Mapping[MemberState, int], *, total: int) -> int:
    """Return how many of those that take part have ended; 100 only when all have."""
    left = counts[MemberState.WAITING] + counts[MemberState.RUNNING]
    return 100 * (total - left) // total if total else 0


def _word(member: CampaignMember) -> tuple[str, str]:
    """Return what is to be said of `member` and what to do, in the active language."""
    message, hint = render_error(member.error_code, member.error_params) if member.error_code else ("", "")
    if member.state == MemberState.LEFT_OUT:
        return member.get_why_left_out_display(), message
    if member.state == MemberState.WAITING and member.waits_for:
        return render_error(member.waits_for, {"instance": member.subject})[0], ""
    return message, hint


def _forecast(
    campaign: Campaign, members: Iterable[CampaignMember], calendar: Calendar, *, now: datetime
) -> datetime | None:
    """Return when it would end if it went on now; None while it is paused or being cancelled, too."""
    if campaign.state not in (CampaignState.PLANNED, CampaignState.RUNNING):
        return None
    known = [(member, member.instance.engine) for member in members if member.instance is not None]
    return forecast_end(
        [Turn(member.wave, engine) for member, engine in known if member.state == MemberState.WAITING],
        measured=measure_seconds(campaign.kind),
        limit_per_cluster=campaign.limit_per_cluster,
        calendar=calendar,
        now=now,
        at_work=[engine for member, engine in known if member.state == MemberState.RUNNING],
    )


def _compute_seconds(member: CampaignMember) -> float | None:
    if member.began_at is None or member.ended_at is None:
        return None
    return max(0.0, (member.ended_at - member.began_at).total_seconds())


def _format_time(moment: datetime | None) -> str:
    return "" if moment is None else localtime(moment).strftime("%Y-%m-%d %H:%M:%S")


def _format_seconds(seconds: float | None) -> str:
    return "" if seconds is None else str(round(seconds))


def _defuse(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_BEGINNINGS) else text

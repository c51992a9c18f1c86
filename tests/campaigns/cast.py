"""Fleets and campaigns for tests, and the end of what they began, without an engine."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from campaigns.creating import create_campaign
from campaigns.drafts import read_draft
from campaigns.models import Campaign, CampaignMember
from campaigns.steering import start_campaign
from domain.specs import InstanceKind
from domain.states import InstanceState, OperationState
from operations.models import Operation
from tenants.models import Instance
from tests.rows import make_instance_row, make_plan_row, make_release_row, make_tenant_row

# A Monday at noon in Paris.
NOON = datetime(2026, 11, 30, 11, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def make_fleet(
    count: int = 3, *, engine: str = "fake", prefix: str = "p", state: InstanceState = InstanceState.ACTIVE
) -> list[Instance]:
    """Return so many active production instances, p-000 first."""
    return [make_instance_row(f"{prefix}-{number:03d}", state=state, engine=engine) for number in range(count)]


def make_sandbox(slug: str, *, state: InstanceState = InstanceState.ACTIVE) -> Instance:
    """Return the sandbox of the parish `slug`."""
    return Instance.objects.create(
        tenant=make_tenant_row(slug),
        kind=InstanceKind.SANDBOX.value,
        identifier=f"{slug}-sandbox",
        host=f"www.{slug}-sandbox.example.org",
        plan=make_plan_row(),
        release=make_release_row(),
        engine="fake",
        state=state.value,
    )


def make_campaign(*, now: datetime | None = None, **values: Any) -> Campaign:
    """Return a planned campaign of backups over all instances, or as `values` say."""
    document = {"name": "Backups", "kind": "backup", **values}
    return create_campaign(read_draft(document), by="anne", now=now or timezone.now())


def start(campaign: Campaign, *, now: datetime | None = None) -> Campaign:
    """Start a planned campaign."""
    return start_campaign(campaign, by="anne", now=now or timezone.now())


def make_started(*, now: datetime | None = None, **values: Any) -> Campaign:
    """Return a campaign that was started."""
    return start(make_campaign(now=now, **values), now=now)


def list_states(campaign: Campaign) -> list[str]:
    """Return the states of the members in their order."""
    return list(CampaignMember.objects.filter(campaign=campaign).order_by("position").values_list("state", flat=True))


def list_running(campaign: Campaign) -> list[str]:
    """Return who is at work, in order."""
    rows = CampaignMember.objects.filter(campaign=campaign, state="running").order_by("position")
    return list(rows.values_list("subject", flat=True))


def end(campaign: Campaign, *subjects: str, code: str = "", state: OperationState | None = None, **values: Any) -> None:
    """Let the operations of `subjects` (of all at work by default) end: well, or with the error `code`."""
    rows = CampaignMember.objects.filter(campaign=campaign, state="running")
    keys = list((rows.filter(subject__in=subjects) if subjects else rows).values_list("operation", flat=True))
    ended = state or (OperationState.FAILED if code else OperationState.SUCCEEDED)
    Operation.objects.filter(pk__in=keys).update(
        state=ended.value,
        lock=None,
        ended_at=values.pop("ended_at", timezone.now()),
        next_run_at=None,
        error_code=code,
        error_params={"instance": "p"} if code else {},
        **values,
    )


def list_events(campaign: Campaign) -> list[str]:
    """Return what happened, the oldest first."""
    return list(campaign.events.order_by("pk").values_list("what", flat=True))

"""Campaigns for tests of pages: recorded by the same functions as everywhere, their members moved as rows."""

from typing import Any

from django.utils import timezone

from campaigns.creating import create_campaign
from campaigns.drafts import read_draft
from campaigns.models import Campaign
from campaigns.steering import start_campaign
from domain.campaigns import MemberState
from domain.states import InstanceState, OperationState
from operations.models import Operation
from tenants.models import Instance
from tests.rows import make_instance_row

SLUGS = ("saint-jean", "saint-paul", "sainte-marie")


def make_fleet(slugs: tuple[str, ...] = SLUGS) -> list[Instance]:
    """Return a running instance for each slug."""
    return [make_instance_row(slug, state=InstanceState.ACTIVE) for slug in slugs]


def make_campaign(*, is_started: bool = False, **values: Any) -> Campaign:
    """Return a recorded campaign of backups over all instances, in waves of one and the rest."""
    document = {"name": "Avant Noël", "kind": "backup", "waves": [{"size": 1}, {"size": None}], **values}
    campaign = create_campaign(read_draft(document), by="jeanne", now=timezone.now())
    return start_campaign(campaign, by="jeanne", now=timezone.now()) if is_started else campaign


def set_member(campaign: Campaign, slug: str, state: MemberState, *, error_code: str = "") -> Operation:
    """Let the member called `slug` be in `state`, with the operation that brought it there."""
    member = campaign.members.get(subject=slug)
    now = timezone.now()
    told = {"error_code": error_code, "error_params": {"program": "backup", "instance": slug} if error_code else {}}
    operation_state = OperationState.FAILED if error_code else OperationState.SUCCEEDED
    operation = Operation.objects.create(
        kind=campaign.kind,
        instance=member.instance,
        subject=slug,
        requested_by=f"campaign {campaign.public_id}",
        state=(OperationState.RUNNING if state is MemberState.RUNNING else operation_state).value,
        progress=40,
        **told,
    )
    ended = None if state is MemberState.RUNNING else now
    campaign.members.filter(pk=member.pk).update(
        state=state.value, operation=operation, began_at=now, ended_at=ended, **told
    )
    return operation

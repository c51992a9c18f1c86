"""Writes a campaign down, with its members in their waves. Nothing begins before it is started."""

from datetime import datetime

from django.db import IntegrityError, transaction

from campaigns.drafts import CampaignDraft, write_waves
from campaigns.models import Campaign, CampaignMember
from campaigns.moves import record_event
from campaigns.planning import CampaignPlan, plan_campaign
from domain.campaigns import MemberState
from domain.errors import CiviparoisseError
from operations.permissions import Person, require, require_kind

ADD = "campaigns.add_campaign"
CREATED = "created"


def create_campaign(draft: CampaignDraft, *, by: str, now: datetime, person: Person | None = None) -> Campaign:
    """Write the campaign of `draft` and return it, planned. `person`: the account that asks, which must have what the
    kind takes; None for whoever has the machine's account. Raise PermissionMissing, CiviparoisseError `campaign_empty`,
    `campaign_instance_taken`, or the first obstacle of the plan; then nothing was written."""
    if person is not None:
        require(person, ADD)
        require_kind(person, draft.kind)
    plan = plan_campaign(draft, now=now)
    if plan.obstacles:
        raise plan.obstacles[0]
    if not plan.members:
        raise CiviparoisseError("campaign_empty", count=len(plan.left_out))
    try:
        with transaction.atomic():
            campaign = _write(plan, by=by, now=now)
    except IntegrityError as error:
        # Another campaign was written between our look and our write.
        raise _find_taker([member.identifier for member in plan.members]) from error
    return campaign


def _write(plan: CampaignPlan, *, by: str, now: datetime) -> Campaign:
    draft = plan.draft
    campaign = Campaign.objects.create(
        name=draft.name,
        kind=draft.kind,
        parameters=draft.parameters,
        selection=draft.selection,
        order=draft.order.value,
        waves=write_waves(draft.waves),
        limit_per_cluster=draft.limit_per_cluster,
        windows=list(draft.windows),
        time_zone=draft.time_zone,
        blackout=draft.blackout,
        stop_after_failures=draft.stop_after_failures,
        stop_share_percent=draft.stop_share_percent,
        notes=draft.notes,
        created_by=by[:150],
        created_at=now,
    )
    rows = [
        CampaignMember(
            campaign=campaign,
            instance_id=member.instance_id,
            subject=member.identifier,
            lock=member.identifier,
            wave=member.wave,
            position=member.position,
        )
        for member in plan.members
    ]
    rows += [
        CampaignMember(
            campaign=campaign,
            instance_id=left.instance_id,
            subject=left.identifier,
            position=position,
            state=MemberState.LEFT_OUT.value,
            why_left_out=left.why.value,
            error_code=left.code,
            error_params=dict(left.params),
        )
        for position, left in enumerate(plan.left_out, len(plan.members))
    ]
    CampaignMember.objects.bulk_create(rows, batch_size=500)
    told = {"members": len(plan.members), "left_out": len(plan.left_out)}
    record_event(campaign, CREATED, by=by, now=now, data=told)
    return campaign


def _find_taker(identifiers: list[str]) -> CiviparoisseError:
    wanted = set(identifiers)
    for lock, other in CampaignMember.objects.filter(lock__isnull=False).values_list("lock", "campaign__public_id"):
        if lock in wanted:
            return CiviparoisseError("campaign_instance_taken", instance=lock, campaign=other)
    return CiviparoisseError("campaign_instance_taken", instance=identifiers[0], campaign="?")

"""Campaigns, their plans and their members as documents for the doors (REST, --json)."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.choices import CampaignOrder, CampaignState, LeftOut, MemberState, PauseReason
from campaigns.models import Campaign, CampaignEvent, CampaignMember
from campaigns.planning import CampaignPlan, PlannedLeftOut
from campaigns.reporting import CampaignReport, make_cell
from civiparoisse.document_fields import AmountField, Document, ObjectField, TimeField
from domain.campaigns import CampaignState as State
from domain.campaigns import list_moves
from domain.errors import render_error
from operations.documents import StoredErrorSerializer


class WaveSizeSerializer(Document):
    """How many a wave takes; null for the rest."""

    size = serializers.IntegerField(allow_null=True)


class CampaignSerializer(Document):
    """A campaign as it was written down, and its state. `moves`: what can be done with it now."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    kind = serializers.CharField()
    parameters = ObjectField()
    selection = ObjectField()
    order = serializers.ChoiceField(choices=CampaignOrder.choices)
    state = serializers.ChoiceField(choices=CampaignState.choices)
    moves = serializers.SerializerMethodField()
    waves = WaveSizeSerializer(many=True)
    limit_per_cluster = serializers.IntegerField()
    windows = serializers.ListField(child=ObjectField())
    time_zone = serializers.CharField()
    blackout = ObjectField()
    stop_after_failures = serializers.IntegerField(allow_null=True)
    stop_share_percent = serializers.IntegerField(allow_null=True)
    notes = serializers.CharField()
    created_by = serializers.CharField()
    why_paused = serializers.SerializerMethodField()
    pause_note = serializers.CharField()
    created_at = TimeField()
    started_at = TimeField(allow_null=True)
    paused_at = TimeField(allow_null=True)
    ended_at = TimeField(allow_null=True)

    def get_moves(self, campaign: Campaign) -> list[str]:
        """Return what can be done with it now."""
        return [move.value for move in list_moves(State(campaign.state))]

    @extend_schema_field(serializers.ChoiceField(choices=PauseReason.choices, allow_null=True))
    def get_why_paused(self, campaign: Campaign) -> str | None:
        """Return why it is paused, None where it is not."""
        return campaign.why_paused or None


class StandingSerializer(Document):
    """How a campaign stands. `counts`: of its members by state; `seconds`, `closed_seconds`: null where not known."""

    counts = serializers.SerializerMethodField()
    percent = serializers.IntegerField()
    is_open = serializers.BooleanField()
    next_opening = TimeField(allow_null=True)
    ends_at = TimeField(allow_null=True)
    seconds = serializers.FloatField(source="seconds_total", allow_null=True)
    seconds_median = serializers.FloatField(allow_null=True)
    closed_seconds = serializers.IntegerField(allow_null=True)
    closed_seconds_most = serializers.IntegerField(allow_null=True)

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
    def get_counts(self, report: CampaignReport) -> dict[str, int]:
        """Return how many members are in each state."""
        return {state.value: count for state, count in report.counts.items()}


class MemberSerializer(Document):
    """One instance of a campaign. `wave`: from 1, null for one that is left out. `message`, `hint`: of what failed, is
    left out or waits; texts follow Accept-Language."""

    instance = serializers.CharField(source="subject")
    parish = serializers.SerializerMethodField()
    wave = serializers.SerializerMethodField()
    position = serializers.IntegerField()
    state = serializers.ChoiceField(choices=MemberState.choices)
    why_left_out = serializers.SerializerMethodField()
    waits_for = serializers.SerializerMethodField()
    attempt = serializers.IntegerField()
    operation = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    hint = serializers.SerializerMethodField()
    began_at = TimeField(allow_null=True)
    ended_at = TimeField(allow_null=True)
    closed_seconds = serializers.IntegerField(allow_null=True)

    def get_parish(self, member: CampaignMember) -> str | None:
        """Return the slug of its parish, None where the instance is gone."""
        return member.instance.tenant.slug if member.instance is not None else None

    def get_wave(self, member: CampaignMember) -> int | None:
        """Return its wave."""
        return None if member.state == MemberState.LEFT_OUT else member.wave + 1

    @extend_schema_field(serializers.ChoiceField(choices=LeftOut.choices, allow_null=True))
    def get_why_left_out(self, member: CampaignMember) -> str | None:
        """Return why it is left out."""
        return member.why_left_out or None

    def get_waits_for(self, member: CampaignMember) -> str | None:
        """Return the code of why its turn came and went."""
        return member.waits_for or None

    def get_operation(self, member: CampaignMember) -> str | None:
        """Return the operation's identifier."""
        return member.operation.public_id if member.operation is not None else None

    @extend_schema_field(StoredErrorSerializer(allow_null=True))
    def get_error(self, member: CampaignMember) -> Any:
        """Return why it has failed."""
        return StoredErrorSerializer(member).data if member.error_code else None

    def get_message(self, member: CampaignMember) -> str:
        """Return what is to be said of it."""
        return make_cell(member).message

    def get_hint(self, member: CampaignMember) -> str:
        """Return what to do."""
        return make_cell(member).hint


class CampaignEventSerializer(Document):
    """One line of what happened to a campaign. `by`: null for the manager itself."""

    at = TimeField()
    by = serializers.SerializerMethodField()
    what = serializers.CharField()
    # In the place of the serializer's own `data`, of which only the list's is read.
    data = ObjectField()  # type: ignore[assignment]

    def get_by(self, event: CampaignEvent) -> str | None:
        """Return who did it."""
        return event.who or None


class PlannedMemberSerializer(Document):
    """One that would take part. `wave`: from 1; `seconds`: measured, null where nothing was."""

    instance = serializers.CharField(source="identifier")
    parish = serializers.CharField()
    cluster = serializers.CharField()
    wave = serializers.SerializerMethodField()
    position = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True)

    def get_wave(self, member: Any) -> int:
        """Return its wave."""
        return int(member.wave) + 1


class PlannedLeftOutSerializer(Document):
    """One that was selected and would take no part. `message`: what its operation would meet, "" where that is all."""

    instance = serializers.CharField(source="identifier")
    parish = serializers.CharField()
    why = serializers.ChoiceField(choices=LeftOut.choices)
    code = serializers.CharField()
    message = serializers.SerializerMethodField()

    def get_message(self, left: PlannedLeftOut) -> str:
        """Return the error's text in the active language."""
        return render_error(left.code, dict(left.params))[0] if left.code else ""


class ObstacleSerializer(Document):
    """Why the campaign cannot be created at all."""

    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField()


class CampaignPlanSerializer(Document):
    """The dry run of a campaign: nothing was written. Null where it is not known."""

    members = PlannedMemberSerializer(many=True)
    left_out = PlannedLeftOutSerializer(many=True)
    wave_sizes = serializers.ListField(child=serializers.IntegerField())
    obstacles = ObstacleSerializer(many=True)
    seconds_each = serializers.FloatField(allow_null=True)
    begins_at = TimeField(allow_null=True)
    ends_at = TimeField(allow_null=True)
    monthly_cost_change = AmountField(allow_null=True)
    currency = serializers.CharField()


def list_event_documents(campaign: Campaign) -> list[dict[str, Any]]:
    """Return what happened to `campaign`, the oldest first, as CampaignEventSerializer answers it."""
    serializer = CampaignEventSerializer()
    return [dict(serializer.to_representation(event)) for event in campaign.events.order_by("pk")]


def make_plan_document(plan: CampaignPlan) -> dict[str, Any]:
    """Return a plan as CampaignPlanSerializer answers it."""
    return dict(CampaignPlanSerializer(plan).data)

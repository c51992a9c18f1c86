"""Campaigns: read, recorded (or only looked at by a dry run), started, paused, resumed, cancelled, retried."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_requests import get_requester, parse_dry_run, telling_what_does_not_fit
from api.permissions import refuse_beyond
from api.queries import StrictQueryMixin
from api.resources.campaign_bodies import NewCampaignBody, NotesBody, PauseBody
from api.serializers import read_body
from campaigns.choices import CampaignState, MemberState
from campaigns.creating import ADD, create_campaign
from campaigns.documents import (
    CampaignEventSerializer,
    CampaignPlanSerializer,
    CampaignSerializer,
    MemberSerializer,
    StandingSerializer,
    make_plan_document,
)
from campaigns.drafts import list_campaign_kinds, read_draft
from campaigns.models import Campaign
from campaigns.planning import plan_campaign
from campaigns.reporting import describe_campaign
from campaigns.selectors import get_campaign, list_campaigns, list_members
from campaigns.steering import (
    CHANGE,
    cancel_campaign,
    pause_campaign,
    resume_campaign,
    retry_failed,
    start_campaign,
    write_notes,
)
from domain.errors import InvalidValue
from operations.permissions import ASK, list_kind_permissions, require

SEE = "campaigns.view_campaign"
LOCATION = OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])
STATES = [state.value for state in MemberState]


class CampaignFilter(filters.FilterSet):
    """What narrows the list."""

    state = filters.ChoiceFilter(choices=CampaignState.choices)
    kind = filters.ChoiceFilter(choices=[(kind.code, kind.label) for kind in list_campaign_kinds()])

    class Meta:
        model = Campaign
        fields = ("state", "kind")


class CampaignDetailSerializer(CampaignSerializer):
    """A campaign and how it stands."""

    standing = StandingSerializer()


class CampaignViewSet(StrictQueryMixin, viewsets.GenericViewSet[Campaign]):
    """Campaigns, newest first."""

    queryset = Campaign.objects.none()
    permissions_required = {
        **{name: (SEE,) for name in ("list", "retrieve", "members", "events")},
        "create": (ADD, *ASK),
        **{name: (CHANGE, *ASK) for name in ("start", "resume", "retry")},
        **{name: (CHANGE,) for name in ("pause", "cancel", "notes")},
    }
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilter
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Campaign]:
        """Return every campaign."""
        return list_campaigns()

    @extend_schema(description="Campaigns, newest first.", responses=CampaignSerializer(many=True))
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of campaigns."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(CampaignSerializer(page or [], many=True).data)

    @extend_schema(description="One campaign and how it stands.", responses=CampaignDetailSerializer)
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - the name in the address
        """Answer one campaign."""
        campaign = get_campaign(id)
        standing = StandingSerializer(describe_campaign(campaign, now=timezone.now())).data
        return Response({**CampaignSerializer(campaign).data, "standing": standing})

    @extend_schema(
        description="Record a campaign: one kind of operation over many instances; nothing begins before its start.",
        request=NewCampaignBody,
        parameters=[
            OpenApiParameter("dry_run", bool, description="Say what it would do (200) and write nothing."),
            LOCATION,
        ],
        responses={
            200: OpenApiResponse(CampaignPlanSerializer, description="Dry run: what it would do."),
            201: OpenApiResponse(CampaignSerializer, description="The campaign, planned."),
        },
    )
    def create(self, request: Request) -> Response:
        """Record a campaign, or tell what it would do."""
        is_dry_run = parse_dry_run(request)
        asked = read_body(request, NewCampaignBody)
        _require_kind(request, asked["kind"])
        now = timezone.now()
        with telling_what_does_not_fit():
            draft = read_draft(asked)
            if is_dry_run:
                return Response(make_plan_document(plan_campaign(draft, now=now)))
            campaign = create_campaign(draft, by=get_requester(request), person=request.user, now=now)
        headers = {"Location": reverse("campaign-detail", args=[campaign.public_id])}
        return Response(CampaignSerializer(campaign).data, status.HTTP_201_CREATED, headers=headers)

    create.query_parameters = {"dry_run"}  # type: ignore[attr-defined]

    @extend_schema(
        description="The instances of a campaign in their order, those that are left out last.",
        parameters=[OpenApiParameter("state", str, enum=STATES, description="Only those in this state.")],
        responses=MemberSerializer(many=True),
        filters=False,
    )
    @action(detail=True)
    def members(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        """Answer a page of members."""
        state = request.query_params.get("state")
        if state is not None and state not in STATES:
            raise InvalidValue(field="state", reason=", ".join(STATES))
        page = self.paginate_queryset(list_members(get_campaign(id), state=state))
        return self.get_paginated_response(MemberSerializer(page or [], many=True).data)

    members.query_parameters = {"limit", "offset", "state"}  # type: ignore[attr-defined]

    @extend_schema(
        description="What happened to a campaign, newest first.",
        responses=CampaignEventSerializer(many=True),
        filters=False,
    )
    @action(detail=True)
    def events(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - the name in the address
        """Answer a page of events."""
        page = self.paginate_queryset(get_campaign(id).events.order_by("-pk"))
        return self.get_paginated_response(CampaignEventSerializer(page or [], many=True).data)

    events.query_parameters = {"limit", "offset"}  # type: ignore[attr-defined]

    @extend_schema(description="Let a planned campaign begin.", request=None, responses={200: CampaignSerializer})
    @action(detail=True, methods=["post"])
    def start(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        """Start it."""
        return _steer(request, id, start_campaign, begins=True)

    @extend_schema(
        description="Let nothing more begin until it is resumed; what runs goes on to its end.",
        request=PauseBody,
        responses={200: CampaignSerializer},
    )
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        """Pause it."""
        return _steer(request, id, pause_campaign, reason=read_body(request, PauseBody).get("reason", ""))

    @extend_schema(
        description="Go on with a paused campaign: what has failed until now counts for its stop rule no more.",
        request=None,
        responses={200: CampaignSerializer},
    )
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        """Go on."""
        return _steer(request, id, resume_campaign, begins=True)

    @extend_schema(
        description="Let nothing more begin, ever; what runs goes on to its end.",
        request=None,
        responses={200: CampaignSerializer},
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        """Cancel it."""
        return _steer(request, id, cancel_campaign)

    @extend_schema(
        description="Let what has failed have another turn.", request=None, responses={200: CampaignSerializer}
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        """Try what failed again."""
        return _steer(request, id, retry_failed, begins=True)

    @extend_schema(
        description="Write the notes of a campaign anew.", request=NotesBody, responses={200: CampaignSerializer}
    )
    @action(detail=True, methods=["post"])
    def notes(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        """Write its notes."""
        return _steer(request, id, write_notes, read_body(request, NotesBody)["notes"])


def _steer(
    request: Request, public_id: str, do: Callable[..., Campaign], *texts: str, begins: bool = False, **values: Any
) -> Response:
    """Do one thing with a campaign, as the caller and now, and answer the campaign as it is then. `begins`: operations
    begin by it, so that it takes what asking for them takes."""
    campaign = get_campaign(public_id)
    if begins:
        _require_kind(request, campaign.kind)
    who = {"by": get_requester(request), "person": request.user, "now": timezone.now()}
    with telling_what_does_not_fit():
        do(campaign, *texts, **who, **values)
    return Response(CampaignSerializer(get_campaign(public_id)).data)


def _require_kind(request: Request, kind: str) -> None:
    """Raise what is raised where the caller, or its token, may not ask for operations of that kind."""
    needed = list_kind_permissions(kind)
    require(request.user, *needed)
    refuse_beyond(request.auth, needed)

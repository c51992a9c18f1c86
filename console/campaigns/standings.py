"""Who takes part in campaigns, and when: what a release is for, instances held on theirs, parishes that go first."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.creating import ADD
from campaigns.models import InstanceHold, ReleaseStanding, Volunteer
from civiparoisse.admin_base import ModelAdmin, display
from civiparoisse.presentation import BAD, DOUBTFUL, GOOD, NOTHING, QUIET
from console.instances.columns import make_badge
from domain.campaigns import ReleaseState
from domain.states import OperationKind
from operations.permissions import may, may_ask

STANDING_COLOURS = {
    ReleaseState.TEST.value: DOUBTFUL,
    ReleaseState.OFFERED.value: GOOD,
    ReleaseState.REQUIRED.value: BAD,
    ReleaseState.WITHDRAWN.value: QUIET,
}
CHANGE_STANDING = "campaigns.change_releasestanding"


class RecordedAdmin(ModelAdmin):
    """Rows that say who recorded them."""

    actions = None
    list_per_page = 50

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Record the row, and who it is by."""
        if not change:
            obj.created_by = request.user.get_username()
        super().save_model(request, obj, form, change)


@admin.register(InstanceHold)
class InstanceHoldAdmin(RecordedAdmin):
    """Instances that no campaign upgrades until a day."""

    list_display = ("instance", "reason", "until", "created_by")
    list_select_related = ("instance",)
    search_fields = ("instance__identifier", "reason")
    fields = ("instance", "reason", "until")


@admin.register(Volunteer)
class VolunteerAdmin(RecordedAdmin):
    """Parishes that take part before the others."""

    list_display = ("tenant", "note", "created_by")
    list_select_related = ("tenant",)
    search_fields = ("tenant__name", "tenant__slug")
    fields = ("tenant", "note")


@admin.register(ReleaseStanding)
class ReleaseStandingAdmin(ModelAdmin):
    """What each release is for, with its notes, and the campaign that brings instances to it."""

    actions = None
    list_display = ("release", "show_state", "required_by", "show_campaign")
    list_select_related = ("release",)
    list_filter = ("state",)
    search_fields = ("release__name",)
    fields = ("release", "state", "required_by", "notes")

    @display(description=gettext_lazy("what it is for"), ordering="state")
    def show_state(self, row: ReleaseStanding) -> SafeString:
        """Return what the release is for, as a badge."""
        return make_badge(row.get_state_display(), STANDING_COLOURS[row.state])

    @display(description=gettext_lazy("campaign"))
    def show_campaign(self, row: ReleaseStanding) -> SafeString | str:
        """Return the way to a campaign that brings instances to the release; nothing for a withdrawn one."""
        if row.state == ReleaseState.WITHDRAWN.value:
            return NOTHING
        query = urlencode({"kind": str(OperationKind.UPGRADE), "release": row.release.name})
        address = f"{reverse('admin:campaigns_campaign_add')}?{query}"
        return format_html('<a class="cp-link" href="{}">{}</a>', address, _("Bring instances to it…"))

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the columns; the way to a campaign for those who may begin one."""
        columns = super().get_list_display(request)
        is_able = may(request.user, ADD) and may_ask(request.user, OperationKind.UPGRADE)
        return tuple(column for column in columns if is_able or column != "show_campaign")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        """Return whether the person may say what a release is for: one of which nothing was said is offered to all."""
        return may(request.user, CHANGE_STANDING)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        """Return False: what it is for is changed, not forgotten."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002 - Django's
        """Return the release of one that exists: it stays."""
        return ("release",) if obj is not None else ()

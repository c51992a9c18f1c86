"""Campaigns: the list, the page of one that follows it, its instances and its report, and the way to a new one."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from campaigns.creating import ADD
from campaigns.drafts import list_campaign_kinds
from campaigns.models import Campaign
from campaigns.reporting import write_csv
from civiparoisse.admin_base import ReadOnlyAdmin, display, make_page
from civiparoisse.presentation import format_time
from console.campaigns.beginning import begin_campaign, show_kinds
from console.campaigns.columns import UNREAD, count_members, make_campaign_badge, read_counts, show_share, word_kind
from console.campaigns.facts import describe_page
from console.campaigns.members import show_members
from console.campaigns.steering import steer
from operations.permissions import may, require


class KindFilter(admin.SimpleListFilter):
    """Narrows the list to one kind."""

    title = gettext_lazy("operation")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's
        """Return the kinds that can be campaigns."""
        return [(kind.code, str(kind.label)) for kind in list_campaign_kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> QuerySet[Campaign]:  # noqa: ARG002
        """Return the campaigns of the chosen kind; all while none is chosen."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    """What is done to many instances. Rows are moved through their pages alone, never changed or deleted as rows."""

    list_display = ("show_name", "show_kind", "show_state", "show_share", "created_by", "show_created", "show_ended")
    list_filter = ("state", KindFilter)
    search_fields = ("name", "public_id", "created_by")
    sortable_by = ()
    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False
    list_before_template = "campaigns/intro.html"

    @display(description=gettext_lazy("campaign"))
    def show_name(self, campaign: Campaign) -> SafeString:
        """Return the name, leading to its page."""
        return format_html("<strong>{}</strong>", campaign.name)

    @display(description=gettext_lazy("operation"))
    def show_kind(self, campaign: Campaign) -> str:
        """Return what is done."""
        return word_kind(campaign.kind)

    @display(description=gettext_lazy("state"))
    def show_state(self, campaign: Campaign) -> SafeString:
        """Return the state as a badge."""
        return make_campaign_badge(campaign)

    @display(description=gettext_lazy("how far"))
    def show_share(self, campaign: Campaign) -> SafeString:
        """Return how far it is, as a bar and in words."""
        return show_share(read_counts(campaign))

    @display(description=gettext_lazy("created"))
    def show_created(self, campaign: Campaign) -> str:
        """Return when it was recorded."""
        return format_time(campaign.created_at)

    @display(description=gettext_lazy("ended"))
    def show_ended(self, campaign: Campaign) -> str:
        """Return when it ended."""
        return format_time(campaign.ended_at)

    def is_empty(self) -> bool:
        """Return whether there is none yet, so that the list says what a campaign is."""
        return not Campaign.objects.exists()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:  # noqa: ARG002 - Django's signature
        """Return campaigns with what the list shows, in one query."""
        return count_members(Campaign.objects.defer(*UNREAD)).order_by("-pk")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's
        """Return whether the person may record a campaign."""
        return may(request.user, ADD)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Begin a campaign: kind, form, dry run."""
        del form_url, extra_context
        return begin_campaign(self, request)

    def begin_for(self, request: HttpRequest, slugs: list[str]) -> HttpResponse:
        """Begin a campaign over the instances of `slugs`, which were chosen elsewhere."""
        require(request.user, ADD)
        return show_kinds(self, request, slugs=slugs)

    def get_urls(self) -> list[URLPattern]:
        """Add the part that is read again, what is done with a campaign, its instances and its report."""
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/part/", wrap(self.show_part), name="campaigns_campaign_part"),
            path("<int:pk>/steer/<slug:code>/", wrap(self.steer), name="campaigns_campaign_steer"),
            path("<int:pk>/members/", wrap(self.show_members), name="campaigns_campaign_members"),
            path("<int:pk>/report.csv", wrap(self.show_report), name="campaigns_campaign_report"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Return the page of a campaign."""
        del form_url, extra_context
        row = self._get_row(request, object_id)
        shown = describe_page(request, row, now=timezone.now())
        return make_page(self, request, "campaigns/page.html", row=row, title=row.name, **shown)

    def show_part(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the part of the page that changes, for the script that reads it again."""
        return render(
            request, "campaigns/part.html", describe_page(request, self._get_row(request, pk), now=timezone.now())
        )

    def steer(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        """Show what starting, pausing, resuming, cancelling or retrying would do; on POST, do it."""
        return steer(self, request, self._get_row(request, pk), code)

    def show_members(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the instances of a campaign as a list."""
        return show_members(self, request, self._get_row(request, pk))

    def show_report(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the report as a file for a spreadsheet."""
        row = self._get_row(request, pk)
        return HttpResponse(
            write_csv(row),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="campagne-{row.public_id}.csv"'},
        )

    def get_page_address(self, campaign: Campaign) -> str:
        """Return the address of the page of a campaign."""
        return reverse("admin:campaigns_campaign_change", args=[campaign.pk])

    def _get_row(self, http: HttpRequest, pk: int | str) -> Campaign:
        if not self.has_view_permission(http):
            raise PermissionDenied
        row = Campaign.objects.filter(pk=pk).first() if str(pk).isdecimal() else None
        if row is None:
            raise Http404
        return row

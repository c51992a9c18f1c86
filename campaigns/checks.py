"""What is wrong with campaigns: one has stopped by its rule, or waits for what does not come.

Added to what watch looks at (watch.catalogue.add_source), and so shown on the first page and told to who is told.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models import Campaign
from campaigns.windows import read_calendar_of
from domain.campaigns import CampaignState, MemberState, PauseReason
from domain.findings import Level
from watch.catalogue import Source
from watch.checks.shapes import Alert, Example

STOPPED, STUCK = "campaign_stopped", "campaign_stuck"
CHECKS = {
    STOPPED: gettext_lazy("Campaigns that have stopped by their rule"),
    STUCK: gettext_lazy("Campaigns in which nothing has begun or ended for a day"),
}
STUCK_AFTER = timedelta(hours=24)
NAMED = 3


def list_campaign_alerts(*, now: datetime) -> Iterator[Alert]:
    """Give what is wrong with campaigns."""
    rows = Campaign.objects.filter(state=CampaignState.PAUSED.value).exclude(why_paused=PauseReason.PERSON.value)
    stopped = list(rows.order_by("pk"))
    if stopped:
        title = ngettext(
            "%(count)s campaign has stopped: too much has failed",
            "%(count)s campaigns have stopped: too much has failed",
            len(stopped),
        )
        hint = _("Look at what has failed, then go on, try that again, or cancel it.")
        yield _make_alert(STOPPED, title, stopped, hint=hint)
    stuck = [row for row in _select_still(now=now) if _was_open(row, now=now)]
    if stuck:
        title = ngettext(
            "%(count)s campaign does not come on: nothing has begun or ended for a day",
            "%(count)s campaigns do not come on: nothing has begun or ended for a day",
            len(stuck),
        )
        hint = _("Its page says what each waits for; cancel it where that does not come.")
        yield _make_alert(STUCK, title, stuck, hint=hint)


def _select_still(*, now: datetime) -> QuerySet[Campaign]:
    limit = now - STUCK_AFTER
    rows = Campaign.objects.filter(state=CampaignState.RUNNING.value, started_at__lte=limit)
    at_work = Q(members__state=MemberState.RUNNING.value)
    rows = rows.exclude(pk__in=Campaign.objects.filter(at_work).values("pk"))
    moved = rows.annotate(begun=Max("members__began_at"), over=Max("members__ended_at"), said=Max("events__at"))
    still = Q(begun=None) | Q(begun__lte=limit)
    return moved.filter(still, Q(over=None) | Q(over__lte=limit), said__lte=limit).order_by("pk")


def _was_open(campaign: Campaign, *, now: datetime) -> bool:
    """Return whether something could have begun since: what waits for its window is where it should be."""
    opening = read_calendar_of(campaign).find_next_opening(now - STUCK_AFTER)
    return opening is not None and opening <= now - timedelta(minutes=5)


def _make_alert(code: str, title: str, campaigns: list[Campaign], *, hint: str) -> Alert:
    return Alert(
        code=code,
        subjects=tuple(row.public_id for row in campaigns),
        level=Level.WARNING,
        title=title % {"count": len(campaigns)},
        count=len(campaigns),
        link=reverse("admin:campaigns_campaign_changelist"),
        hint=hint,
        examples=tuple(
            Example(name=row.name, link=reverse("admin:campaigns_campaign_change", args=[row.pk]))
            for row in campaigns[:NAMED]
        ),
    )


SOURCE = Source(name="campaigns", permission="campaigns.view_campaign", checks=CHECKS, find=list_campaign_alerts)
